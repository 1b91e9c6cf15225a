import NIOCore
import Testing

@testable import HTTPMessages

/// HPACK with the examples of RFC 7541, and others.
@Suite struct HPACKTests {
  private static func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.filter { $0 != " " }.compactMap { $0.hexDigitValue }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }

  private static func decode(_ hex: String, by decoder: inout HPACKDecoder) throws(HPACKError) -> [String] {
    var (lines, block) = (DecodedLines(), ByteBuffer(bytes: bytes(hex)))
    block.moveReaderIndex(forwardBy: 0)
    try decoder.decode(block.readableBytesUInt8Span, into: &lines)
    return lines.texts
  }

  private static let first = [":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com"]
  private static let second = first + ["cache-control: no-cache"]
  private static let third = [
    ":method: GET", ":scheme: https", ":path: /index.html", ":authority: www.example.com", "custom-key: custom-value",
  ]

  /// Appendix C.3 and C.4: three requests on one connection, with and without Huffman coding.
  @Test(
    arguments: [
      [
        "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d", "8286 84be 5808 6e6f 2d63 6163 6865",
        "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
      ],
      [
        "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff", "8286 84be 5886 a8eb 1064 9cbf",
        "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
      ],
    ])
  func decodesTheRequestsOfTheStandard(blocks: [String]) throws {
    var decoder = HPACKDecoder()
    #expect(try Self.decode(blocks[0], by: &decoder) == Self.first)
    #expect(decoder.table.size == 57)
    #expect(try Self.decode(blocks[1], by: &decoder) == Self.second)
    #expect(decoder.table.size == 110)
    #expect(try Self.decode(blocks[2], by: &decoder) == Self.third)
    #expect(decoder.table.size == 164 && decoder.table.count == 3)
  }

  /// Appendix C.6, whose table has 256 bytes, so that entries are evicted.
  @Test func decodesTheResponsesOfTheStandard() throws {
    var decoder = HPACKDecoder()
    let location = "location: https://www.example.com"
    // 3fe1 01: a table of 256 bytes.
    let first = try Self.decode(
      "3fe1 01 4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad"
        + "1718 63c7 8f0b 97c8 e9ae 82ae 43d3", by: &decoder)
    #expect(
      first == [":status: 302", "cache-control: private", "date: Mon, 21 Oct 2013 20:13:21 GMT", location])
    #expect(decoder.table.size == 222)
    #expect(
      try Self.decode("4883 640e ffc1 c0bf", by: &decoder) == [":status: 307"] + first.dropFirst())
    #expect(decoder.table.size == 222)
    let third = try Self.decode(
      "88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335"
        + "dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07", by: &decoder)
    #expect(
      third == [
        ":status: 200", "cache-control: private", "date: Mon, 21 Oct 2013 20:13:22 GMT", location,
        "content-encoding: gzip", "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
      ])
    #expect(decoder.table.size == 215 && decoder.table.count == 3)
  }

  @Test(
    arguments: [
      ("ff", .truncated), ("ffff ffff ffff ffff ffff ff", .number), ("80", .index), ("be", .index), ("40", .truncated),
      ("4001", .truncated), ("0001 61", .truncated), ("0081 ff01 61", .code), ("0084 ffff ffff 01 61", .code),
      ("3fe2 1f", .tableSize), ("8220", .tableSize), ("7f", .truncated), ("7fff", .truncated),
    ] as [(String, HPACKError)])
  func refusesABlockThatIsNone(block: String, error: HPACKError) {
    var decoder = HPACKDecoder()
    #expect(throws: error) { try Self.decode(block, by: &decoder) }
  }

  /// A round trip yields the input for all table sizes, and repeated fields take one byte.
  @Test func decodesWhatItEncodes() throws {
    var (encoder, decoder) = (HPACKEncoder(), HPACKDecoder())
    var generator = SeededGenerator(seed: 7)
    for round in 0..<300 {
      if round % 23 == 22 { encoder.allow(tableSize: [0, 100, 700, 4096, 9000].randomElement(using: &generator) ?? 0) }
      let fields = (0..<Int.random(in: 1...12, using: &generator)).map { _ in
        let name =
          ["server", "Date", "x-frame-options", "etag", "x-\(round % 40)"].randomElement(using: &generator) ?? ""
        let long = String(repeating: "é", count: Int.random(in: 0...300, using: &generator))
        return (name, ["a", "bb", long].randomElement(using: &generator) ?? "")
      }
      var (block, lines) = (ByteBuffer(), DecodedLines())
      block.encode { encoder.begin(&$0) }
      for (name, value) in fields {
        let (name, value) = (Array(name.utf8), Array(value.utf8))
        block.encode { encoder.encode(name: name.span, value: value.span, to: &$0) }
      }
      try decoder.decode(block.readableBytesUInt8Span, into: &lines)
      #expect(lines.texts == fields.map { "\($0.lowercased()): \($1)" })
      #expect(decoder.table.size <= 4096)
    }
  }

  /// RFC 7541 §4.2: the peer must know that entries were dropped in between.
  @Test(
    arguments: [
      ([0, 4096], "203fe11f"), ([0, 100], "203f45"), ([100, 0], "20"), ([100], "3f45"), ([100, 0, 100], "203f45"),
      ([4096], ""),
    ] as [([Int], String)])
  func informsOfTheSmallestAndTheLastTableSize(sizes: [Int], block expected: String) throws {
    var (encoder, block) = (HPACKEncoder(), ByteBuffer())
    for size in sizes { encoder.allow(tableSize: size) }
    for _ in 0..<2 { block.encode { encoder.begin(&$0) } }
    let digits = block.readableBytesView.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
    #expect(digits.joined() == expected)
    var (decoder, lines) = (HPACKDecoder(), DecodedLines())
    try decoder.decode(block.readableBytesUInt8Span, into: &lines)
    #expect(decoder.table.maxSize == sizes.last)
  }

  @Test func aFieldThatRepeatsItselfCostsAByte() throws {
    var encoder = HPACKEncoder()
    let (name, value) = (Array("x-served-by".utf8), Array("a server with a long name".utf8))
    let sizes = (0..<4).map { _ in
      var block = ByteBuffer()
      block.encode { encoder.encode(name: name.span, value: value.span, to: &$0) }
      return block.readableBytes
    }
    #expect(sizes[0] > 30 && sizes[1] > 30 && sizes[2...] == [1, 1])
    var block = ByteBuffer()
    for _ in 0..<3 {
      block.encode { encoder.encode(name: name.span, value: value.span, isRepeated: false, to: &$0) }
    }
    #expect(block.readableBytes > 90)
  }
}
