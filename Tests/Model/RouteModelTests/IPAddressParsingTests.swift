import Glibc
import Testing

@testable import RouteModel

/// Accepts the same literals as inet_pton(3), with the same bits.
@Suite struct IPAddressParsingTests {
  @Test(
    "borders of the grammar",
    arguments: [
      "1.2.3.4", "255.255.255.255", "256.1.1.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1..2.3", "1.2.3.", ".1.2.3",
      "0.0.0.0",
      "::", "::1", "1::", "1::8", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::",
      "::2:3:4:5:6:7:8",
      "1::2::3", ":1", "1:", ":::", "::1.2.3.4", "::ffff:1.2.3.4", "64:ff9b::1.2.3.4", "1:2:3:4:5:6:1.2.3.4",
      "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3", "::1.2.3.4.5", "12345::", "fe80::g", "FE80::ABCD", "::00001", "1.2.3.4::",
      "cafe", "a",
      "1:2:3:4::5:6:7:8", "::1:2:3:4:5:6:7:8", "1.2.3.4:5", "::.1.2.3", "1::2:3.4.5.6",
    ])
  func agreesAtTheBorders(text: String) { Self.compare(text) }

  @Test func agreesOnRandomTexts() {
    var random = SystemRandomNumberGenerator()
    let pieces = ["::", ":", ".", "0", "1", "12", "255", "256", "ffff", "fe80", "abcde", "1.2.3.4", "g", "007"]
    for _ in 0..<20_000 {
      let count = Int.random(in: 1...12, using: &random)
      Self.compare((0..<count).map { _ in pieces.randomElement(using: &random) ?? ":" }.joined())
    }
  }

  private static func compare(_ text: String) {
    var bytes = [UInt8](repeating: 0, count: 16)
    let isIPv6 = text.contains(":")
    let taken = inet_pton(isIPv6 ? AF_INET6 : AF_INET, text, &bytes) == 1
    guard let address = IPAddress(text) else {
      #expect(!taken, "\(text) is an address")
      return
    }
    #expect(taken, "\(text) is no address")
    if !isIPv6 { bytes = [UInt8](repeating: 0, count: 10) + [0xff, 0xff] + bytes.prefix(4) }
    let expected = bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
    #expect(UInt128(address.bits.high) << 64 | UInt128(address.bits.low) == expected, "\(text)")
  }
}
