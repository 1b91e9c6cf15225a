import NIOCore
import Testing

@testable import HTTPMessages

@Suite struct ConnectionOptionsTests {
  private func head(_ fields: String) throws -> RequestHead {
    try RequestHead(ByteBuffer(string: "GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n"), limits: MessageLimits())
  }

  private func hopByHop(_ fields: String) throws -> [String] {
    let fields = try head(fields).fields
    return fields.lines.filter(\.isHopByHop).map(fields.name)
  }

  @Test func readsTheOptionsInAnyCaseOfAnyNumberOfFields() throws {
    let connection = try head("Connection: x,  CLOSE\r\nConnection: ,keep-alive\t,,\r\nConnection: UpGrade").connection
    #expect(connection.close && connection.keepAlive && connection.upgrade)
    #expect(try head("Connection: closed, a close, upgrade-x").connection == ConnectionOptions.none)
  }

  @Test func marksTheFieldsThatItNames() throws {
    #expect(try hopByHop("X-A: 1\r\nConnection: x-a, X-B\r\nx-b: 2\r\nX-C: 3") == ["X-A", "Connection", "x-b"])
  }

  @Test func marksWhatIsOfOneConnectionByItself() throws {
    let names = ["Keep-Alive", "Proxy-Connection", "TE", "Upgrade", "HTTP2-Settings", "Proxy-Authorization"]
    #expect(try hopByHop(names.map { "\($0): x" }.joined(separator: "\r\n")) == names)
  }

  /// For programs behind CGI, `X_A` is X-A.
  @Test func comparesUnderscoresAsDashes() throws {
    #expect(
      try hopByHop("X_A: 1\r\nConnection: x-a, X_b\r\nx-b: 2\r\nProxy_Authorization: x\r\nKeep_Alive: 1")
        == ["X_A", "Connection", "x-b", "Proxy_Authorization", "Keep_Alive"])
  }

  @Test(arguments: [
    "Transfer_Encoding: chunked", "transfer-Encoding: chunked\r\nContent_Length: 3", "CONTENT_LENGTH: 3",
  ])
  func refusesFramingWithUnderscores(_ fields: String) {
    #expect(throws: MessageFault.doubtfulFraming) { try head(fields) }
  }

  @Test func dropsNothingOnWhichTheMessageHangs() throws {
    #expect(
      try hopByHop("Connection: host, content-length, expect\r\nContent-Length: 3\r\nExpect: 100-continue")
        == ["Connection"])
  }

  @Test func refusesMoreOptionsThanThereMayBeFields() throws {
    let most = (1...128).map { "o\($0)" }.joined(separator: ",")
    #expect(try head("Connection: ,,,\(most)").connection == ConnectionOptions.none)
    #expect(throws: MessageFault.tooManyFields(limit: 128)) { try head("Connection: \(most),one-more") }
  }
}

extension ConnectionOptions {
  fileprivate static var none: ConnectionOptions {
    get throws {
      try RequestHead(ByteBuffer(string: "GET / HTTP/1.1\r\nHost: a\r\n\r\n"), limits: MessageLimits()).connection
    }
  }
}
