import PrintableText
import Testing

@Suite struct PercentCodingTests {
  @Test(arguments: ["plex", "excluded:file:routes.d/media:plex", "ä b%", ""])
  func encodesAndDecodesSegments(_ text: String) {
    let encoded = PercentCoding.encode(text)
    #expect(!encoded.contains("/"))
    #expect(PercentCoding.decode(encoded) == text)
  }

  @Test(arguments: ["%", "%4", "%zz", "%ff"])
  func refusesBrokenPercentEncoding(_ text: String) { #expect(PercentCoding.decode(text) == nil) }

  @Test func encodesAllButTheUnreservedCharacters() {
    #expect(PercentCoding.encode("aZ09-._~ /?%é") == "aZ09-._~%20%2F%3F%25%C3%A9")
    #expect(PercentCoding.encode(Array("a/b?c\u{0A}".utf8), besides: "/?") == "a/b?c%0A")
  }

  @Test func decodesBytesThatAreNotText() {
    #expect(PercentCoding.decode(bytes: "%fF/a".utf8) == [0xff, 0x2f, 0x61])
    #expect(PercentCoding.decode(bytes: "%f".utf8) == nil)
  }
}
