import HTTPMessages
import NIOCore
import RouteModel
import Testing

@testable import ReverseProxy

/// Behind a trusted proxy X-Forwarded-* and Forwarded (RFC 7239) have the same data.
@Suite struct ForwardingRecordTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var fields: String
    var addresses: [String]
    var scheme: String?
    var host: String?
    var elements: String
    var testDescription: String { fields }
  }

  private static let rows = [
    Row(fields: "X: y", addresses: [], scheme: nil, host: nil, elements: ""),
    Row(
      fields: "X-Forwarded-For: 1.2.3.4, 2001:db8::1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: a.example:8443",
      addresses: ["1.2.3.4", "2001:db8::1"], scheme: "https", host: "a.example:8443",
      elements: "for=1.2.3.4;proto=https;host=\"a.example:8443\", for=\"[2001:db8::1]\""),
    Row(
      fields: "Forwarded: for=1.2.3.4;proto=HTTPS;host=a.example, For=\"[2001:db8::1]:80\";by=_x",
      addresses: ["1.2.3.4", "2001:db8::1"], scheme: "https", host: "a.example",
      elements: "for=1.2.3.4;proto=HTTPS;host=a.example, For=\"[2001:db8::1]:80\";by=_x"),
    Row(
      fields: "Forwarded: for=1.2.3.4\r\nForwarded: for=_hidden;proto=http;host=\"b;,c\"",
      addresses: ["1.2.3.4", "unknown"], scheme: nil, host: nil,
      elements: "for=1.2.3.4, for=_hidden;proto=http;host=\"b;,c\""),
    // They differ: X-Forwarded-* wins, and the `by` parameters are kept.
    Row(
      fields:
        "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\nForwarded: for=5.6.7.8;by=_pvescout-0a;proto=http",
      addresses: ["1.2.3.4"], scheme: "https", host: nil, elements: "for=1.2.3.4;proto=https, by=_pvescout-0a"),
    Row(
      fields: "X-Forwarded-For: 1.2.3.4:99, what\r\nX-Forwarded-Proto: gopher\r\nX-Forwarded-Host: a\"b",
      addresses: ["1.2.3.4", "unknown"], scheme: nil, host: nil, elements: "for=1.2.3.4, for=unknown"),
    Row(fields: "X-Forwarded-Proto: https", addresses: [], scheme: "https", host: nil, elements: "proto=https"),
  ]

  private static func head(_ fields: String) throws -> RequestHead {
    try RequestHead(ByteBuffer(string: "GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n"), limits: MessageLimits())
  }

  @Test(arguments: rows)
  func hasTheSameDataInBoth(_ row: Row) throws {
    let record = ForwardingRecord(try Self.head(row.fields).fields)
    #expect(record.addresses == row.addresses)
    #expect(record.scheme == row.scheme)
    #expect(record.host == row.host)
    #expect(record.elements == row.elements)
    // The encoded elements parse to the same data.
    let again = ForwardingRecord(
      try Self.head(row.elements.isEmpty ? "X: y" : "Forwarded: \(row.elements)").fields)
    #expect(again.addresses == row.addresses && again.scheme == row.scheme && again.host == row.host)
    #expect(again.elements == row.elements)
  }

  /// The client for the access log and access rules.
  @Test func theClientIsReadFromForwardedAlone() throws {
    var configuration = ProxyConfiguration()
    configuration.trustedProxies = [IPNetwork("10.0.0.0/8")].compactMap { $0 }
    let settings = ProxySettings(configuration, identity: ProxyIdentity())
    let peer = ClientPeer(
      try SocketAddress(ipAddress: "10.0.0.1", port: 1), isSecure: false,
      trustedProxies: configuration.trustedProxies, proxy: settings.identity)
    let head = try Self.head("Forwarded: for=9.9.9.9, for=\"1.2.3.4:80\", for=10.0.0.2")
    #expect(settings.client(of: head.fields, from: peer) == "1.2.3.4")
  }
}
