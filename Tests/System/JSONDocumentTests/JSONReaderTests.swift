import JSONDocument
import Testing

@Suite("JSONReader") struct JSONReaderTests {
  @Test(
    "Reads every kind of value",
    arguments: [
      ("null", .null), ("true", .bool(true)), (" false ", .bool(false)), ("0", .int(0)), ("-12", .int(-12)),
      ("1.5", .double(1.5)), ("1e3", .double(1000)), ("-0.25E-2", .double(-0.0025)),
      ("9223372036854775807", .int(.max)), ("9223372036854775808", .double(9_223_372_036_854_775_808)),
      ("\"\"", .string("")), ("\"plex\"", .string("plex")), ("[]", .array([])), ("{}", .object([:])),
      ("[1, [2], {\"a\":null}]", .array([.int(1), .array([.int(2)]), .object(["a": .null])])),
      ("\r\n\t {\"a\" : 1 ,\"b\":\"2\"}\n", .object(["a": .int(1), "b": .string("2")])),
      ("{\"a\":1,\"a\":2}", .object(["a": .int(2)])),
    ] as [(String, JSONValue)])
  func reads(text: String, value: JSONValue) throws {
    #expect(try JSONReader.value(of: Array(text.utf8)) == value)
  }

  @Test(
    "Reads escapes, and repairs half of a pair",
    arguments: [
      (#""a\"b\\c\/d""#, "a\"b\\c/d"), (#""\n\t\r\b\f""#, "\n\t\r\u{8}\u{C}"), (#""\u00e4""#, "ä"), (#""ä€""#, "ä€"),
      (#""\ud83d\ude00""#, "😀"), (#""\ud83dx""#, "\u{FFFD}x"), (#""\ud83d\u0041""#, "\u{FFFD}A"),
      (#""\uDE00""#, "\u{FFFD}"),
    ])
  func readsText(text: String, value: String) throws {
    #expect(try JSONReader.value(of: Array(text.utf8)).string == value)
  }

  @Test("An invalid UTF-8 byte affects one character, not the answer")
  func repairsBytes() throws {
    #expect(try JSONReader.value(of: Array("\"a".utf8) + [0xFF] + Array("b\"".utf8)).string == "a\u{FFFD}b")
  }

  @Test(
    "Refuses invalid JSON with its position",
    arguments: [
      ("", 0), ("   ", 3), ("{", 1), ("[1,", 3), ("[1 2]", 3), ("[1,]", 3), ("{\"a\"}", 4), ("{\"a\":}", 5),
      ("{\"a\":1,}", 7), ("{a:1}", 1), ("\"abc", 0), ("\"abc\\", 4), ("tru", 0), ("nul", 0), ("+1", 0), ("-", 0),
      (#""\q""#, 1), (#""\u00""#, 1), (#""\uzzzz""#, 1), ("\"a\nb\"", 2), ("\"\u{0}\"", 1), ("01", 0), ("-01", 0),
      ("1.", 0),
      (".5", 0), ("1e", 0), ("1e+", 0), ("--1", 0), ("[01]", 1), ("{\"a\":-}", 5), ("1-2", 1), ("1.2.3", 3),
      ("1e999", 0), ("[1]x", 3), ("{} {}", 3), ("<!DOCTYPE html>", 0), ("]", 0),
      ("{\"data\":[{\"vmid\":1", 18), ("\u{0}", 0),
    ])
  func refuses(text: String, offset: Int) {
    let error = #expect(throws: JSONError.self) { try JSONReader.value(of: Array(text.utf8)) }
    #expect(error?.offset == offset)
  }

  @Test("Every truncated text is refused without a crash")
  func survivesEveryCut() throws {
    let text = Array(#"{"data":[{"a":"x\u00e4\\","b":[1.5e3,true,null,{"c":-1}]}],"message":"\ud83d\ude00"}"#.utf8)
    _ = try JSONReader.value(of: text)
    for length in 0..<text.count {
      #expect(throws: JSONError.self) { try JSONReader.value(of: Array(text.prefix(length))) }
    }
  }

  @Test(
    "Skipped values must be valid too",
    arguments: ["1e999x", "01", "1.", "\"\\q\"", "tru", "[1,]", "{\"a\"}", "\"\u{1}\""])
  func refusesInWhatItSkips(text: String) throws {
    var reader = try JSONReader(Array("{\"unwanted\":\(text)}".utf8))
    #expect(throws: JSONError.self) {
      try reader.object(JSONKeys(["wanted"])) { (_, reader) throws(JSONError) in try reader.skip() }
    }
  }

  @Test("Nesting is bounded")
  func boundsDepth() throws {
    let fine = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
    _ = try JSONReader.value(of: Array(fine.utf8))
    #expect(throws: JSONError.self) {
      try JSONReader.value(of: Array(String(repeating: "[", count: 1_000_000).utf8))
    }
    #expect(throws: JSONError.self) {
      try JSONReader.value(of: Array(String(repeating: "{\"a\":", count: 65).utf8))
    }
  }
}

@Suite("JSONValue") struct JSONValueTests {
  @Test(
    "Numbers, texts and booleans are converted, because PVE mixes them",
    arguments: [
      (.int(1), 1, "1", true), (.int(0), 0, "0", false), (.string("1"), 1, "1", true), (.string("0"), 0, "0", false),
      (.string("24"), 24, "24", nil), (.string(""), nil, "", false), (.string("running"), nil, "running", nil),
      (.bool(true), 1, nil, true), (.bool(false), 0, nil, false), (.double(3), 3, "3.0", true),
      (.double(0.5), nil, "0.5", true), (.double(1e300), nil, "1e+300", true), (.null, nil, nil, nil),
      (.array([]), nil, nil, nil), (.object([:]), nil, nil, nil),
    ] as [(JSONValue, Int?, String?, Bool?)])
  func reads(value: JSONValue, int: Int?, string: String?, bool: Bool?) {
    #expect(value.int == int)
    #expect(value.string == string)
    #expect(value.bool == bool)
  }

  @Test(
    "Whole numbers, durations and times are bounded",
    arguments: [
      (.int(9_007_199_254_740_992), 9_007_199_254_740_992, 3_155_760_000, nil),
      (.int(9_007_199_254_740_993), nil, 3_155_760_000, nil), (.int(.max), nil, 3_155_760_000, nil),
      (.int(.min), nil, 0, nil), (.int(-1), -1, 0, nil), (.double(1e308), nil, 3_155_760_000, nil),
      (.double(-1e308), nil, 0, nil), (.double(1.5), nil, 1, nil),
      (.string("9223372036854775807"), nil, 3_155_760_000, nil),
      (.int(253_402_300_799), 253_402_300_799, 3_155_760_000, 253_402_300_799),
      (.int(253_402_300_800), 253_402_300_800, 3_155_760_000, nil), (.int(60), 60, 60, 60),
      (.string("x"), nil, nil, nil),
    ] as [(JSONValue, Int?, Int?, Int?)])
  func bounds(value: JSONValue, int: Int?, seconds: Int?, time: Int?) {
    #expect(value.int == int)
    #expect(value.seconds == seconds)
    #expect(value.time == time)
  }

  @Test("A field of a value that is not an object is null")
  func readsFields() {
    #expect(JSONValue.object(["a": .int(1)])["a"] == .int(1))
    #expect(JSONValue.object(["a": .int(1)])["b"] == .null)
    #expect(JSONValue.string("x")["a"] == .null)
  }
}
