import NIOCore
import Testing

@testable import HTTPMessages

@Suite struct RequestHeadTests {
  private func head(_ text: String) throws -> RequestHead {
    try RequestHead(ByteBuffer(string: text), limits: MessageLimits())
  }

  private func head(fields: String, line: String = "GET / HTTP/1.1") throws -> RequestHead {
    try head("\(line)\r\nHost: a\r\n\(fields)\r\n\r\n")
  }

  @Test func parsesTheRequest() throws {
    let head = try head("POST /a?b=//c HTTP/1.1\r\nHost: Plex.home:80\r\nX:  y \t\r\nContent-Length: 12\r\n\r\n")
    #expect(head.method == .post)
    #expect((head.methodName, head.target, head.host) == ("POST", "/a?b=//c", "Plex.home:80"))
    #expect(head.fields.lines.map(head.fields.name) == ["Host", "X", "Content-Length"])
    #expect(head.fields.lines.map(head.fields.value) == ["Plex.home:80", "y", "12"])
    #expect(head.framing == .length(12))
  }

  /// RFC 9112 §3.2.2 and §3.2.4
  @Test(arguments: [
    ("GET http://b/c?d HTTP/1.1", "GET /c?d HTTP/1.1", "b"),
    ("GET HTTPS://B.test:8443/ HTTP/1.1", "GET / HTTP/1.1", "B.test:8443"),
    ("GET http://b HTTP/1.0", "GET / HTTP/1.0", "b"), ("GET http://b?d=/ HTTP/1.1", "GET /?d=/ HTTP/1.1", "b"),
    ("OPTIONS http://[::1] HTTP/1.1", "OPTIONS * HTTP/1.1", "[::1]"),
    ("OPTIONS http://b/ HTTP/1.1", "OPTIONS / HTTP/1.1", "b"),
  ])
  func takesTheServerFromAnAbsoluteTarget(line: String, expected: String, host: String) throws {
    var parser = RequestHeadParser(limits: MessageLimits())
    var input = ByteBuffer(string: "\(line)\r\nA: 1\r\nHost: a\r\nContent-Length: 3\r\n\r\nxyz")
    let head = try #require(try parser.next(from: &input))
    #expect(String(buffer: head.fields.bytes) == "\(expected)\r\nHost: \(host)\r\nA: 1\r\nContent-Length: 3\r\n\r\n")
    #expect(head.host == host && head.framing == .length(3) && input.readableBytes == 3)
    // In HTTP/2, a target is a path.
    #expect(throws: MessageFault.target) { try self.head("\(line)\r\nHost: a\r\n\r\n") }
  }

  @Test(arguments: Samples.requests)
  func takesWhatIsWellFormed(text: String) {
    let transcript = Transcript(ofRequests: [Array(text.utf8)])
    #expect(transcript.fault == nil)
    #expect(transcript.waiting == 0)
    #expect(!transcript.messages.isEmpty && transcript.messages.allSatisfy(\.isComplete))
  }

  @Test(arguments: Samples.refusedRequests)
  func refusesWhatTheNextServerCouldReadOtherwise(text: String, fault: MessageFault) {
    #expect(Transcript(ofRequests: [Array(text.utf8)]).fault == fault)
  }

  /// Such as TLS, whose end would never arrive.
  @Test(arguments: ["\u{16}", "\0", "\r\n\u{16}", "\r\n\r", " ", "\n", "(", "\u{e9}"])
  func doesNotWaitForWhatNoRequestBeginsWith(text: String) {
    #expect(Transcript(ofRequests: Array(text.utf8).map { [$0] }).fault == .startLine)
  }

  @Test(arguments: ["\r", "\r\n", "\r\nG", "g", "1"])
  func waitsForTheRest(text: String) {
    #expect(Transcript(ofRequests: Array(text.utf8).map { [$0] }).fault == nil)
  }

  @Test(arguments: ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
  func knowsTheMethodsInTheirOwnCaseOnly(name: String) throws {
    #expect(try head(fields: "X: y", line: "\(name) / HTTP/1.1").method != .other)
    #expect(try head(fields: "X: y", line: "\(name.lowercased()) / HTTP/1.1").method == .other)
  }

  @Test func retriesOnlyWhatDoesNoMoreTheSecondTime() throws {
    let safe = ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"]
    for name in safe + ["POST", "PATCH", "LOCK", "get"] {
      #expect(try head(fields: "X: y", line: "\(name) / HTTP/1.1").method.isIdempotent == safe.contains(name))
    }
  }

  @Test func anHTTP10ConnectionEndsWithItsRequest() throws {
    #expect(try head(fields: "X: y").isPersistent)
    #expect(try !head(fields: "Connection: Close").isPersistent)
    #expect(try !head(fields: "Connection: keep-alive", line: "GET / HTTP/1.0").isPersistent)
  }

  @Test(arguments: [
    ("X-Forwarded-For", FieldName.xForwardedFor), ("x_forwarded_for", .xForwardedFor),
    ("X-Forwarded_Proto", .xForwardedProto),
    ("X_Real_IP", .xRealIP), ("Forwarded", .forwarded),
    ("Proxy_Authorization", .proxyAuthorization), ("Content_Type", .contentType), ("If_Range", .other),
    ("X-Forwarded-Fo", .other), ("XXForwarded-For", .other), ("CONTENT-TYPE", .contentType), ("uSER-aGENT", .userAgent),
  ])
  func knowsForwardingFieldsAsCGISpellsThemToo(name: String, expected: FieldName) throws {
    #expect(try head(fields: "\(name): 1").fields.lines.last?.name == expected)
  }

  @Test func holdsAHeadToItsLimits() throws {
    var limits = MessageLimits()
    (limits.headBytes, limits.fieldCount) = (100, 3)
    let frame = "GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n"
    func text(_ bytes: Int) -> [UInt8] {
      Array(frame.replacing("X: ", with: "X: " + String(repeating: "y", count: bytes - frame.utf8.count)).utf8)
    }
    #expect(Transcript(ofRequests: [text(100)], limits: limits).messages.count == 1)
    #expect(Transcript(ofRequests: [text(101)], limits: limits).fault == .headTooLarge(limit: 100))
    #expect(Transcript(ofRequests: [text(5000).dropLast(4)], limits: limits).fault == .headTooLarge(limit: 100))
    let fields = "GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\n"
    #expect(Transcript(ofRequests: [Array("\(fields)\r\n".utf8)], limits: limits).messages.count == 1)
    #expect(
      Transcript(ofRequests: [Array("\(fields)C: 3\r\n\r\n".utf8)], limits: limits).fault == .tooManyFields(limit: 3))
  }

  @Test func offsetsHoldTheLargestHead() throws {
    var limits = MessageLimits()
    limits.headBytes = .max
    #expect(limits.headBytes == 65535)
    let frame = "GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n"
    let value = String(repeating: "y", count: limits.headBytes - frame.utf8.count)
    let head = try RequestHead(ByteBuffer(string: frame.replacing("X: ", with: "X: \(value)")), limits: limits)
    #expect(head.fields.value(of: head.fields.lines[1]) == value)
  }

  @Test func refusesATextThatEndsTooEarly() {
    for text in ["GET / HTTP/1.1\r\nHost: a\r\n", "GET / HTTP/1.1\r\nHost: a", "GET / HTTP/1.1\r\nHost: a\r\n\r"] {
      #expect(throws: MessageFault.self, "\(text.debugDescription)") { try head(text) }
    }
    #expect(throws: MessageFault.lineEnding) { try head("GET / HTTP/1.1\r\nHost: a\r\n\r\nX: y\r\n\r\n") }
  }
}
