import NIOCore
import Testing

@testable import HTTPMessages

/// Heads of HTTP/2 and HTTP/1.1, converted into each other.
@Suite struct HTTP2HeadTests {
  private static let get = [(":method", "GET"), (":scheme", "https"), (":path", "/a?b"), (":authority", "web.test")]
  private static let date = ByteBuffer(string: "Date: now\r\n")

  private func head(_ fields: [(String, String)], hasBody: Bool = false) throws(MessageFault) -> RequestHead {
    try RequestHead(.of(Self.get + fields, .request), hasBody: hasBody, isSecure: true)
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
    #expect(throws: MessageFault.contentLength) { try head([("content-length", "7")]) }
  }

  @Test func hostReplacesAMissingAuthority() throws {
    let fields = Self.get.filter { $0.0 != ":authority" }
    let head = try RequestHead(.of(fields + [("host", "other.test")], .request), hasBody: false, isSecure: true)
    #expect(head.host == "other.test")
    #expect(try self.head([("host", "WEB.test")]).host == "web.test")
  }

  /// For any order of the pseudo-fields.
  @Test func theOrderOfPseudoFieldsMeansNothing() throws {
    let head = try RequestHead(.of(Self.get.reversed(), .request), hasBody: false, isSecure: true)
    #expect(head.methodName == "GET" && head.target == "/a?b" && head.host == "web.test")
  }

  /// RFC 9110 §5.5: non-ASCII bytes are unchanged; blanks around a value do not belong to it.
  @Test func valuesStayAsTheyAre() throws {
    var section = FieldSection.of(Self.get, .request)
    let line: [UInt8] = Array("x: \t".utf8) + [0x63, 0xe9, 0xff, 0x80] + Array(" \r\n".utf8)
    section.add(line.span, nameLength: 1, kind: .of(name: Array("x".utf8).span))
    let head = try RequestHead(section, hasBody: false, isSecure: true)
    let range = try #require(head.fields.lines.last).valueRange
    #expect(head.fields.bytes.getBytes(at: range.lowerBound, length: range.count) == [0x63, 0xe9, 0xff, 0x80])
  }

  @Test(
    arguments: [
      ([("host", "other.test")], .host), ([("host", "web.test"), ("host", "web.test")], .host),
      ([("x", "a\r\nb: c")], .fieldLine), ([("x", "a\nb: c")], .fieldLine), ([("x", "a\0")], .fieldLine),
      ([("transfer_encoding", "chunked"), ("content-length", "1")], .doubtfulFraming),
      ([("content-length", "1"), ("content-length", "1")], .contentLength),
      ([("x", String(repeating: "a", count: 40_000))], .headTooLarge(limit: 32 * 1024)),
      ([("cookie", String(repeating: "a", count: 40_000))], .headTooLarge(limit: 32 * 1024)),
      (Array(repeating: ("cookie", String(repeating: "a", count: 1000)), count: 40), .headTooLarge(limit: 32 * 1024)),
      (Array(repeating: ("x", "a"), count: 200), .tooManyFields(limit: 128)),
    ] as [([(String, String)], MessageFault)])
  func refusesWhatHTTP1Refuses(fields: [(String, String)], fault: MessageFault) {
    #expect(throws: fault) { try head(fields) }
  }

  /// RFC 9113 §8.2: its stream ends.
  @Test(
    arguments: [
      [("X-Test", "a")], [("a b", "c")], [("", "c")], [("connection", "close")], [("keep-alive", "1")],
      [("proxy-connection", "close")], [("transfer-encoding", "chunked")], [("upgrade", "websocket")],
      [("te", "trailers, deflate")], [(":test", "a")], [(":status", "200")], [(":method", "GET")],
      [("x", "a"), (":path", "/")], [("x é", "a")],
    ])
  func whatNoMessageMayHaveIsMalformed(fields: [(String, String)]) {
    #expect(FieldSection.of(Self.get + fields, .request).isMalformed)
  }

  @Test(
    arguments: [
      (":path", "/ HTTP/1.1"), (":path", "/\r\nx: y"), (":path", "*"), (":path", "http://a/"), (":method", "GET /"),
      (":method", "CONNECT"), (":scheme", "http"), (":authority", "user@web.test"), (":authority", ""),
    ])
  func refusesWhatWouldBeAnotherRequestLine(name: String, value: String) {
    let fields = Self.get.map { $0.0 == name ? (name, value) : $0 }
    #expect(throws: MessageFault.self) {
      try RequestHead(.of(fields, .request), hasBody: false, isSecure: true)
    }
  }

  @Test(
    arguments: [(":scheme", "http", .scheme), (":path", "/ä", .targetCharacter)] as [(String, String, MessageFault)])
  func saysWhichPartIsWrong(name: String, value: String, fault: MessageFault) {
    let fields = Self.get.map { $0.0 == name ? (name, value) : $0 }
    #expect(throws: fault) { try RequestHead(.of(fields, .request), hasBody: false, isSecure: true) }
  }

  @Test func theSchemeIsThatOfTheConnection() throws {
    let fields = Self.get.map { $0.0 == ":scheme" ? (":scheme", "http") : $0 }
    #expect(try RequestHead(.of(fields, .request), hasBody: false, isSecure: false).target == "/a?b")
    #expect(throws: MessageFault.scheme) { try RequestHead(.of(Self.get, .request), hasBody: false, isSecure: false) }
  }

  @Test func aResponseLosesWhatIsOfItsConnection() throws {
    let text =
      "HTTP/1.1 200 Fine\r\nDate: then\r\nX-Kept: Yes\r\nConnection: close, X-Mine\r\nX-Mine: 1\r\nKeep-Alive: 5\r\n"
      + "Content-Length: 3\r\nContent-Length: 3\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n\r\n"
    let head = try ResponseHead(ByteBuffer(string: text), limits: MessageLimits())
    #expect(
      try Self.encoded(head)
        == [":status: 200", "date: then", "x-kept: Yes", "content-length: 3", "set-cookie: a", "set-cookie: b"])
  }

  @Test func aResponseWithoutADateGetsOne() throws {
    let head = try ResponseHead(
      ByteBuffer(string: "HTTP/1.1 204 None\r\nContent-Length: 5\r\n\r\n"), limits: MessageLimits())
    #expect(try Self.encoded(head) == [":status: 204", "date: now"])
    let hints = try ResponseHead(ByteBuffer(string: "HTTP/1.1 103 Hints\r\n\r\n"), limits: MessageLimits())
    #expect(try Self.encoded(hints) == [":status: 103"])
  }

  private static func encoded(_ head: ResponseHead) throws -> [String] {
    var (encoder, decoder, block, lines) = (HPACKEncoder(), HPACKDecoder(), ByteBuffer(), DecodedLines())
    block.encode { encoder.encode(head, date: date, to: &$0) }
    try decoder.decode(block.readableBytesUInt8Span, into: &lines)
    return lines.texts
  }

  @Test(
    arguments: [
      ("200", [("x-a", "b")], false, "HTTP/1.1 200 OK|x-a: b"), ("200", [], true, "HTTP/1.1 200 OK|content-length: 0"),
      ("200", [("content-length", "5")], true, "HTTP/1.1 200 OK|content-length: 5"),
      ("204", [], true, "HTTP/1.1 204 No Content"), ("304", [], true, "HTTP/1.1 304 Not Modified"),
      ("599", [], false, "HTTP/1.1 599 "),
    ] as [(String, [(String, String)], Bool, String)])
  func aResponseSaysTheSame(status: String, fields: [(String, String)], isEmpty: Bool, text: String) throws {
    let head = try ResponseHead(.of([(":status", status)] + fields, .response), isEmpty: isEmpty)
    let lines = String(buffer: head.fields.bytes).split(separator: "\r\n")
    #expect(lines.joined(separator: "|") == text)
  }

  @Test(
    arguments: [
      [(":status", "20")], [(":status", "2000")], [(":status", "+20")], [], [(":status", "200"), ("x", "a\r\nb: c")],
      [(":status", "200"), ("x", "a\nb: c")], [(":status", "200"), ("content-length", "1"), ("content-length", "2")],
      [(":status", "200"), ("connection", "close")], [(":path", "/"), (":status", "200")],
    ] as [[(String, String)]])
  func refusesAResponseThatIsNone(fields: [(String, String)]) {
    #expect(throws: MessageFault.self) { try ResponseHead(.of(fields, .response), isEmpty: false) }
  }

  @Test func trailersFrameAndRouteNothing() throws {
    let trailers = try #require(
      HeadFields(.of([("x-sum", "1"), ("content-length", "5"), ("host", "a")], .trailers)))
    var (encoder, decoder, block, lines) = (HPACKEncoder(), HPACKDecoder(), ByteBuffer(), DecodedLines())
    block.encode { encoder.encode(trailers: trailers, to: &$0) }
    try decoder.decode(block.readableBytesUInt8Span, into: &lines)
    #expect(lines.texts == ["x-sum: 1"])
    #expect(HeadFields(.of([(":path", "/")], .trailers)) == nil)
  }
}

extension FieldSection {
  /// A complete section with these fields.
  static func of(_ fields: [(String, String)], _ role: Role) -> FieldSection {
    var section = FieldSection(role, limits: MessageLimits())
    for (name, value) in fields {
      let (nameBytes, valueBytes) = (Array(name.utf8), Array(value.utf8))
      let line = nameBytes + Array(": ".utf8) + valueBytes + Array("\r\n".utf8)
      section.add(
        line.span, nameLength: nameBytes.count, kind: .of(name: nameBytes.span).with(value: valueBytes.span))
    }
    section.end()
    return section
  }
}

/// The decoded lines of a block.
struct DecodedLines: FieldSink {
  private(set) var texts: [String] = []
  private(set) var kinds: [FieldKind] = []

  mutating func add(_ line: Span<UInt8>, nameLength: Int, kind: FieldKind) {
    texts.append(String(decoding: line.indices.map { line[$0] }.dropLast(2), as: UTF8.self))
    kinds.append(kind)
  }
}
