import NIOCore
import Testing

@testable import HTTPMessages

@Suite struct BodyDecoderTests {
  /// The body and trailers in a text, and the remaining bytes.
  private func decode(_ framing: BodyFraming, _ text: String) throws -> (body: String, end: Bool, rest: String) {
    var decoder = BodyDecoder(framing, limits: MessageLimits())
    var input = ByteBuffer(string: text)
    var body = ""
    while let piece = try decoder.next(from: &input) {
      switch piece {
      case .bytes(let bytes): body += String(buffer: bytes)
      case .end: return (body, true, String(buffer: input))
      }
    }
    return (body, false, String(buffer: input))
  }

  @Test(arguments: [
    (BodyFraming.none, "next", "", true, "next"),
    (.length(4), "bodynext", "body", true, "next"),
    (.length(5), "body", "body", false, ""),
    (.untilClose, "all of it", "all of it", false, ""),
    (.chunked, "4\r\nbody\r\n0\r\n\r\nnext", "body", true, "next"),
    (.chunked, "0\r\n\r\nnext", "", true, "next"),
    (.chunked, "000004 ; a=b\r\nbody\r\nA\r\n0123456789\r\n0;last\r\n\r\n", "body0123456789", true, ""),
    (.chunked, "4\r\nbo", "bo", false, ""),
    (.chunked, "0\r\nX: y\r\n\r\nnext", "", true, "next"),
    (.chunked, "0\r\nX: y\r\n", "", false, "X: y\r\n"),
  ])
  func takesTheBodyAndNoByteMore(framing: BodyFraming, text: String, body: String, end: Bool, rest: String) throws {
    #expect(try decode(framing, text) == (body, end, rest))
  }

  @Test func returnsTheEndOnce() throws {
    var decoder = BodyDecoder(.length(1), limits: MessageLimits())
    var input = ByteBuffer(string: "a0\r\n\r\n")
    #expect(!decoder.isOver)
    _ = try decoder.next(from: &input)
    guard case .end(nil) = try decoder.next(from: &input) else { return #expect(Bool(false), "no end") }
    #expect(decoder.isOver)
    #expect(try decoder.next(from: &input) == nil)
    #expect(input.readableBytes == 5)
  }

  @Test func aBodyUntilTheCloseEndsWithTheConnection() {
    #expect(BodyDecoder(.untilClose, limits: MessageLimits()).endsWithConnection)
    #expect(!BodyDecoder(.chunked, limits: MessageLimits()).endsWithConnection)
  }

  @Test func handsOverPartsOfALargeChunkAsTheyCome() throws {
    var decoder = BodyDecoder(.chunked, limits: MessageLimits())
    var input = ByteBuffer(string: "fffffffff\r\n")
    #expect(try decoder.next(from: &input) == nil)
    for _ in 1...3 {
      input.writeString("part")
      guard case .bytes(let bytes) = try decoder.next(from: &input) else { return #expect(Bool(false), "no bytes") }
      #expect(String(buffer: bytes) == "part")
      #expect(input.readableBytes == 0)
    }
  }

  @Test func holdsTrailersToTheLimitsOfAHead() {
    var limits = MessageLimits()
    (limits.headBytes, limits.fieldCount) = (60, 2)
    func fault(_ trailers: String) -> MessageFault? {
      let text = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\(trailers)"
      return Transcript(ofRequests: [Array(text.utf8)], limits: limits).fault
    }
    #expect(fault("A: 1\r\nB: 2\r\n\r\n") == nil)
    #expect(fault("A: 1\r\nB: 2\r\nC: 3\r\n\r\n") == .tooManyFields(limit: 2))
    #expect(fault("A: \(String(repeating: "x", count: 100))") == .headTooLarge(limit: 60))
    #expect(fault("A : 1\r\n\r\n") == .fieldLine)
    #expect(fault("A: 1\n\r\n") == .lineEnding)
    #expect(fault("A: 1\r\n\n") == .lineEnding)
  }

  @Test func noChunkLineGrowsBeyondItsLimit() {
    let limits = MessageLimits()
    func fault(_ line: String) -> MessageFault? {
      let text = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(line)"
      return Transcript(ofRequests: [Array(text.utf8)]).fault
    }
    let most = "1;" + String(repeating: "x", count: limits.chunkLineBytes - 4)
    #expect(fault("\(most)\r\na\r\n") == nil)
    #expect(fault("\(most)x\r\na\r\n") == .chunk)
    #expect(fault("\(most)xx") == .chunk)
    #expect(fault("1" + String(repeating: " ", count: 300)) == .chunk)
  }
}
