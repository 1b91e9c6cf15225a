import Testing

@testable import HTTPMessages

@Suite struct HostFieldTests {
  private func name(_ value: String) -> String? {
    let bytes = Array(value.utf8)
    guard HostField.isValid(bytes.span) else { return nil }
    return String(decoding: bytes[HostField(bytes.span).name], as: UTF8.self)
  }

  @Test(arguments: [
    ("plex", "plex"), ("plex:80", "plex"), ("plex:", "plex"), ("plex.", "plex"), ("plex.home.:8080", "plex.home"),
    ("a-b_c.D", "a-b_c.D"), ("10.0.0.1:80", "10.0.0.1"), ("[::1]", "::1"), ("[fe80::1]:443", "fe80::1"),
    ("[::ffff:10.0.0.1]:1", "::ffff:10.0.0.1"), (".", "."),
  ])
  func findsTheNameWithinTheField(value: String, expected: String) { #expect(name(value) == expected) }

  @Test func boundsTheName() {
    let longest = String(repeating: "a", count: 255)
    #expect(name("\(longest):65535") == longest)
    #expect(name("\(longest)aaaaaaa") == nil)
  }
}
