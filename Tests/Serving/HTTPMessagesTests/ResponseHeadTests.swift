import NIOCore
import Testing

@testable import HTTPMessages

@Suite struct ResponseHeadTests {
  private func head(_ text: String) throws -> ResponseHead {
    try ResponseHead(ByteBuffer(string: text), limits: MessageLimits())
  }

  @Test(arguments: Samples.responses)
  func takesWhatServersSend(text: String) {
    let transcript = Transcript(ofResponses: [Array(text.utf8)])
    #expect(transcript.fault == nil)
    #expect(transcript.waiting == 0)
    #expect(
      !transcript.messages.isEmpty && transcript.messages.allSatisfy { $0.isComplete || $0.framing == .untilClose })
  }

  @Test(arguments: [
    "HTTP/1.1 200OK", "HTTP/1.1 20 OK", "HTTP/1.1  200 OK", "HTTP/2 200 OK", "HTTP/1.2 200 OK", "HTTP/1.1 099 OK",
    "http/1.1 200 OK", "HTTP/1.1\t200 OK", "HTTP/1.1 2x0 OK", "ICY 200 OK", "HTTP/1.1", "GET / HTTP/1.1",
    "HTTP/1.1 2000",
  ])
  func refusesAnotherStatusLine(line: String) {
    #expect(Transcript(ofResponses: [Array("\(line)\r\nX: y\r\n\r\n".utf8)]).fault == .startLine)
  }

  @Test(arguments: [
    (" X: y", MessageFault.fieldLine), (" : y", .fieldLine), ("X y: z", .fieldLine), ("X: a\r\n folded", .fieldLine),
    ("X: a\0", .fieldLine),
    ("X: a\rb", .lineEnding),
    ("X: a\r\n\rY: b", .lineEnding), ("Content-Length: 1\r\nContent-Length: 2", .contentLength),
    ("Content-Length: 1, 1", .contentLength), ("Transfer-Encoding: gzip", .transferEncoding),
    ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", .transferEncoding),
  ])
  func refusesFieldsThatTheClientCouldReadOtherwise(fields: String, fault: MessageFault) {
    #expect(Transcript(ofResponses: [Array("HTTP/1.1 200 OK\r\n\(fields)\r\n\r\n".utf8)]).fault == fault)
  }

  @Test(arguments: [
    (200, "Content-Length: 7", RequestMethod.get, BodyFraming.length(7)),
    (200, "Content-Length: 0", .get, .none),
    (200, "Content-Length: 7", .head, .none),
    (200, "Transfer-Encoding: chunked", .get, .chunked),
    (200, "Transfer-Encoding: chunked", .head, .none),
    (200, "Content-Length: 7\r\nTransfer-Encoding: chunked", .get, .chunked),
    (200, "X: y", .post, .untilClose),
    (200, "X: y", .head, .none),
    (204, "Content-Length: 7", .get, .none),
    (304, "Content-Length: 7", .get, .none),
    (304, "Transfer-Encoding: chunked", .get, .none),
    (100, "Content-Length: 7", .get, .none),
    (101, "Transfer-Encoding: chunked", .get, .none),
    (500, "Content-Length: 7", .connect, .length(7)),
  ])
  func knowsWhereTheBodyEnds(status: Int, fields: String, method: RequestMethod, framing: BodyFraming) throws {
    #expect(try head("HTTP/1.1 \(status) X\r\n\(fields)\r\n\r\n").framing(for: method) == framing)
  }

  @Test(arguments: [
    ("HTTP/1.1", "Content-Length: 1", true), ("HTTP/1.1", "Connection: close", false), ("HTTP/1.0", "X: y", false),
    ("HTTP/1.0", "Connection: keep-alive", true),
    ("HTTP/1.0", "Connection: keep-alive\r\nTransfer-Encoding: chunked", false),
    ("HTTP/1.1", "Content-Length: 1\r\nTransfer-Encoding: chunked", false),
  ])
  func keepsNoConnectionWhoseFramingIsInDoubt(version: String, fields: String, expected: Bool) throws {
    #expect(try head("\(version) 200 OK\r\n\(fields)\r\n\r\n").isPersistent == expected)
  }

  @Test func aLengthBesideATransferEncodingCountsForNothing() throws {
    #expect(try head("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n").contentLength == 9)
    #expect(
      try head("HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n").contentLength == nil)
  }

  /// RFC 9112 §5.1: a proxy removes the blanks.
  @Test func passesOnNoBlanksBeforeAColon() throws {
    let head = try head("HTTP/1.1 200 OK\r\nA: 1\r\nX \t:  y \r\nB: 2\nC: 3\r\nTransfer-Encoding : chunked\r\n\r\n")
    #expect(head.framing(for: .get) == .chunked)
    var writer = HeadWriter(allocator: ByteBufferAllocator(), capacity: 0)
    writer.copyLines(of: head.fields) { !$0.isHopByHop }
    #expect(String(buffer: writer.bytes) == "A: 1\r\nX: y\r\nB: 2\r\nC: 3\r\n")
  }

  @Test func onlyInterimResponsesAreFollowedByOthers() throws {
    for (status, expected) in [(100, true), (103, true), (101, false), (200, false)] {
      #expect(try head("HTTP/1.1 \(status) X\r\n\r\n").isInterim == expected)
    }
  }
}
