import Testing

@testable import PVESimulator

@Suite struct PVEJSONWriterTests {
  @Test func writesNestedValues() {
    var writer = PVEJSONWriter()
    writer.object { writer in
      writer.field("a", 1)
      writer.field("b", nil)
      writer.field("c", true)
      writer.key("d")
      writer.objects([1, 2]) { $0.field("n", $1) }
      writer.key("e")
      writer.null()
      writer.field("f", "x")
    }
    #expect(String(decoding: writer.bytes, as: UTF8.self) == #"{"a":1,"c":1,"d":[{"n":1},{"n":2}],"e":null,"f":"x"}"#)
  }

  @Test(arguments: [("plain", "plain"), (#"a"b\c"#, #"a\"b\\c"#), ("a\nb\u{1}", #"a\nb\u0001"#), ("é", "é")])
  func quotesText(text: String, written: String) {
    var writer = PVEJSONWriter()
    writer.value(text)
    #expect(String(decoding: writer.bytes, as: UTF8.self) == "\"\(written)\"")
  }
}
