import JSONDocument
import Testing

@Suite struct JSONWriterTests {
  private enum Keys: String, CodingKey { case a, b }

  @Test(arguments: [
    ("", #""""#), ("plex", #""plex""#), ("a/b", #""a/b""#), ("größe 東京 👩‍👧", #""größe 東京 👩‍👧""#),
    ("a\"b\\c", #""a\"b\\c""#), ("\n\r\t\u{8}\u{c}\u{0}\u{1f}", #""\n\r\t\b\f\u0000\u001f""#),
    ("\u{9B}\u{7F}x", #""\u009b\u007fx""#), ("\u{202E}\u{E0041}\u{2028}", #""\u202e\udb40\udc41\u2028""#),
  ])
  func escapesWhatMustNotBeShown(_ text: String, _ json: String) throws {
    #expect(String(decoding: text.json, as: UTF8.self) == json)
    #expect(try JSONReader.value(of: text.json) == .string(text))
  }

  @Test(arguments: [
    (0, "0"), (1, "1"), (-1.0, "-1"), (0.5, "0.5"), (0.00001, "1e-05"), (1e300, "1e+300"), (.nan, "null"),
    (.infinity, "null"), (99.999, "99.999"),
  ])
  func writesNumbers(_ number: Double, _ json: String) {
    #expect(String(decoding: number.json, as: UTF8.self) == json)
  }

  @Test func writesTheLargestIntegers() {
    #expect(
      String(decoding: [Int64.min, -10, 0, 9, 10, .max].json, as: UTF8.self)
        == "[-9223372036854775808,-10,0,9,10,9223372036854775807]")
    #expect(String(decoding: UInt64.max.json, as: UTF8.self) == "18446744073709551615")
  }

  @Test func writesCollectionsWithSortedKeysAndNulls() {
    let value: [String: [String?]] = ["b": ["x", nil], "a": []]
    #expect(String(decoding: value.json, as: UTF8.self) == #"{"a":[],"b":["x",null]}"#)
    #expect(String(decoding: ["\"": 1, "a\n": 2, "b": 3].json, as: UTF8.self) == #"{"\"":1,"a\n":2,"b":3}"#)
  }

  @Test func goesOnWhereItWasTaken() {
    var (json, text) = (JSONWriter(), "")
    func take() {
      text += String(decoding: json.bytes, as: UTF8.self)
      json.clear()
    }
    json.beginArray()
    for number in 1...3 as ClosedRange<Int64> {
      json.write(number)
      take()
    }
    json.beginObject()
    json.field(Keys.a, true)
    take()
    json.field(Keys.b, [String]())
    json.endObject()
    json.endArray()
    json.endLine()
    take()
    #expect(text == "[1,2,3,{\"a\":true,\"b\":[]}]\n")
  }

  @Test func fillsTheGapsOfATemplateInTheirOrder() {
    let template = JSONTemplate { json, writeGap in
      json.beginArray()
      writeGap(&json)
      json.beginObject()
      json.key("a")
      writeGap(&json)
      json.endObject()
      writeGap(&json)
      json.endArray()
    }
    var json = JSONWriter()
    json.write(template) { gap, json in
      switch gap {
      case 0: json.write(Int64(1))
      case 1: json.writeNull()
      default: [2, 3].write(to: &json)
      }
    }
    #expect(String(decoding: json.bytes, as: UTF8.self) == #"[1,{"a":null},[2,3]]"#)
  }

  @Test func fillsTheGapOfATemplate() {
    let template = JSONTemplate { json, writeGap in
      json.beginObject()
      json.key("a")
      writeGap(&json)
      json.field(Keys.b, "null")
      json.endObject()
    }
    var json = JSONWriter()
    json.beginArray()
    json.write(template) { [1, 2].write(to: &$1) }
    json.write(template) { $1.writeNull() }
    json.endArray()
    #expect(String(decoding: json.bytes, as: UTF8.self) == #"[{"a":[1,2],"b":"null"},{"a":null,"b":"null"}]"#)
  }
}
