import HTTPMessages
import NIOCore
import NIOEmbedded
import NIOHPACK
import Testing

@testable import ReverseProxy

/// Heads of HTTP/2 and of HTTP/1.1, each as the other one says it.
@Suite struct HTTP2MessageTests {
  private static let get = [(":method", "GET"), (":scheme", "https"), (":path", "/a?b"), (":authority", "web.test")]

  private func head(_ fields: [(String, String)], hasBody: Bool = false) throws(MessageFault) -> RequestHead {
    try RequestHead(HPACKHeaders(Self.get + fields), hasBody: hasBody, limits: MessageLimits())
  }

  @Test func aRequestSaysTheSame() throws {
    let head = try head([("accept", "*/*"), ("cookie", "a=1"), ("x-b", "c"), ("cookie", "d=2")])
    #expect(head.method == .get && head.target == "/a?b" && head.host == "web.test" && head.framing == .none)
    let lines = head.fields.lines.map { "\(head.fields.name(of: $0)): \(head.fields.value(of: $0))" }
    #expect(lines == ["host: web.test", "accept: */*", "x-b: c", "cookie: a=1; d=2"])
  }

  @Test func aBodyWithoutALengthIsSentInChunks() throws {
    #expect(try head([], hasBody: true).framing == .chunked)
    #expect(try head([("content-length", "7")], hasBody: true).framing == .length(7))
    #expect(try head([("content-length", "0")], hasBody: true).framing == .none)
  }

  @Test func hostStandsForAnAuthorityThatIsMissing() throws {
    let fields = Self.get.filter { $0.0 != ":authority" }
    let head = try RequestHead(
      HPACKHeaders(fields + [("host", "other.test")]), hasBody: false, limits: MessageLimits())
    #expect(head.host == "other.test")
    #expect(try self.head([("host", "WEB.test")]).host == "web.test")
  }

  @Test(
    arguments: [
      ([("host", "other.test")], .host), ([("host", "web.test"), ("host", "web.test")], .host),
      ([("x", "a\r\nb: c")], .fieldLine), ([("x", "a\nb: c")], .fieldLine), ([("x", "a\0")], .fieldLine),
      ([("transfer-encoding", "chunked"), ("content-length", "1")], .transferEncoding),
      ([("content-length", "1"), ("content-length", "1")], .contentLength),
      ([("x", String(repeating: "a", count: 40_000))], .headTooLarge(limit: 32 * 1024)),
      (Array(repeating: ("x", "a"), count: 200), .tooManyFields(limit: 128)),
    ] as [([(String, String)], MessageFault)])
  func refusesWhatHTTP1Refuses(fields: [(String, String)], fault: MessageFault) {
    #expect(throws: fault) { try head(fields) }
  }

  @Test(
    arguments: [
      (":path", "/ HTTP/1.1"), (":path", "/\r\nx: y"), (":path", "*"), (":path", "http://a/"), (":method", "GET /"),
      (":method", "CONNECT"), (":scheme", "http"), (":authority", "user@web.test"), (":authority", ""),
    ])
  func refusesWhatWouldBeAnotherRequestLine(name: String, value: String) {
    let fields = Self.get.map { $0.0 == name ? (name, value) : $0 }
    #expect(throws: MessageFault.self) {
      try RequestHead(HPACKHeaders(fields), hasBody: false, limits: MessageLimits())
    }
  }

  @Test(
    arguments: [(":scheme", "http", .scheme), (":path", "/ä", .targetCharacter)] as [(String, String, MessageFault)])
  func saysWhichPartIsWrong(name: String, value: String, fault: MessageFault) {
    let fields = Self.get.map { $0.0 == name ? (name, value) : $0 }
    #expect(throws: fault) { try RequestHead(HPACKHeaders(fields), hasBody: false, limits: MessageLimits()) }
  }

  @Test func aResponseLosesWhatIsOfItsConnection() throws {
    let text =
      "HTTP/1.1 200 Fine\r\nDate: then\r\nX-Kept: Yes\r\nConnection: close, X-Mine\r\nX-Mine: 1\r\nKeep-Alive: 5\r\n"
      + "Content-Length: 3\r\nContent-Length: 3\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n\r\n"
    let head = try ResponseHead(ByteBuffer(string: text), limits: MessageLimits())
    #expect(
      HPACKHeaders(head, date: ResponseDate(Deadlines(eventLoop: EmbeddedEventLoop())))
        .map { "\($0.name)=\($0.value)" }
        == [":status=200", "date=then", "x-kept=Yes", "content-length=3", "set-cookie=a", "set-cookie=b"])
  }

  @Test(
    arguments: [
      ("200", [("x-a", "b")], false, "HTTP/1.1 200 OK|x-a: b"), ("200", [], true, "HTTP/1.1 200 OK|content-length: 0"),
      ("200", [("content-length", "5")], true, "HTTP/1.1 200 OK|content-length: 5"),
      ("204", [], true, "HTTP/1.1 204 No Content"), ("304", [], true, "HTTP/1.1 304 Not Modified"),
      ("599", [], false, "HTTP/1.1 599 "),
    ] as [(String, [(String, String)], Bool, String)])
  func aResponseSaysTheSame(status: String, fields: [(String, String)], isEmpty: Bool, text: String) throws {
    let head = try ResponseHead(
      HPACKHeaders([(":status", status)] + fields), isEmpty: isEmpty, limits: MessageLimits())
    let lines = String(buffer: head.fields.bytes).split(separator: "\r\n")
    #expect(lines.joined(separator: "|") == text)
  }

  @Test(
    arguments: [
      [(":status", "20")], [(":status", "2000")], [(":status", "+20")], [], [(":status", "200"), ("x", "a\r\nb: c")],
      [(":status", "200"), ("x", "a\nb: c")], [(":status", "200"), ("content-length", "1"), ("content-length", "2")],
    ] as [[(String, String)]])
  func refusesAResponseThatIsNone(fields: [(String, String)]) {
    #expect(throws: MessageFault.self) {
      try ResponseHead(HPACKHeaders(fields), isEmpty: false, limits: MessageLimits())
    }
  }

  @Test func trailersFrameAndRouteNothing() throws {
    let trailers = try HeadFields(
      HPACKHeaders([("x-sum", "1"), ("content-length", "5"), ("host", "a")]), limits: MessageLimits())
    #expect(HPACKHeaders(trailers: trailers).map(\.name) == ["x-sum"])
  }
}
