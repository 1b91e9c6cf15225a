import COpenSSL

/// A certificate for one of the nodes.
struct SelfSignedCertificate: Sendable {
  let certificatePEM: String
  let keyPEM: String
  /// SHA-256 of the DER form: upper-case hex with colons.
  let fingerprint: String

  /// Valid for localhost and these addresses, on these days counted from now.
  init(name: String, addresses: [String], days: ClosedRange<Int>) throws {
    let always = ["DNS:localhost", "IP:127.0.0.1", "IP:::1"]
    let names = always + Set(addresses).subtracting(["127.0.0.1", "::1"]).sorted().map { "IP:\($0)" }
    var made = copenssl_self_signed()
    let (first, last) = (Int32(days.lowerBound), Int32(days.upperBound))
    guard copenssl_make_self_signed("\(name).simulated.test", names.joined(separator: ","), first, last, &made) == 1
    else {
      throw SimulatorError.noCertificate(Self.opensslError())
    }
    certificatePEM = withUnsafeBytes(of: made.certificate_pem, Self.text)
    keyPEM = withUnsafeBytes(of: made.key_pem, Self.text)
    fingerprint = withUnsafeBytes(of: made.sha256) { digest in
      digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined(separator: ":")
    }
  }

  private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }

  private static func opensslError() -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      buffer.initialize(repeating: 0)
      copenssl_last_error(buffer.baseAddress, buffer.count)
      return text(UnsafeRawBufferPointer(buffer))
    }
  }
}
