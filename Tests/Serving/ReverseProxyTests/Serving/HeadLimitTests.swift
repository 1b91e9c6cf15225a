import NIOCore
import NIOHPACK
import TestSupport
import Testing

@testable import ReverseProxy

/// Heads above the limits: each costs its own exchange alone, and whoever sent it is told.
@Suite(.timeLimit(.minutes(5))) struct HeadLimitTests {
  @Test func onlyTheStreamOfTheRequestEnds() async throws {
    try await RunningProxy.serving([], certificate: TestCertificate()) { proxy in
      let client = try await HTTP2Wire.connect(to: proxy)
      // The bounds that the server states hold once the client has acknowledged them.
      try await client.get(host: "nowhere", path: "/", stream: 1)
      #expect(try await client.take { $0.stream == 1 && $0.endsStream } != nil)
      var headers = HPACKHeaders([
        (":method", "GET"), (":scheme", "https"), (":path", "/"), (":authority", "nowhere"),
      ])
      headers.add(name: "x", value: String(repeating: "x", count: 40_000))
      try await client.send(headers, stream: 3)
      try await client.get(host: "nowhere", path: "/", stream: 5)
      #expect(try await Self.body(3, of: client).contains("head_too_large"))
      #expect(try await Self.body(5, of: client).contains("route_not_found"))
    }
  }

  /// Of a stream's response, in its first frame; empty if the connection is given up before.
  private static func body(_ stream: UInt32, of client: HTTP2Wire) async throws -> String {
    let frame = try await client.take { $0.type == .goAway || $0.type == .data && $0.stream == stream }
    guard let frame, frame.type == .data else { return "" }
    return String(decoding: frame.payload, as: UTF8.self)
  }

  @Test(arguments: [(1, 40_000, "head_bytes"), (200, 1, "head_fields")])
  func theResponsesLimitIsNamed(count: Int, length: Int, limit: String) async throws {
    let field = "X: \(String(repeating: "x", count: length))\r\n"
    let upstream = try await EchoUpstream(
      answers: ["/": "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\(String(repeating: field, count: count))\r\n"])
    try await RunningProxy.serving([try .http("web", to: upstream)]) { proxy in
      let connection = try await proxy.connect()
      try await connection.send("GET / HTTP/1.1\r\nHost: web\r\nAccept: text/plain\r\n\r\n")
      let answer = try #require(try await connection.response())
      #expect(answer.status == 502 && answer.text.contains("raise limits.\(limit) of the proxy"), "\(answer.text)")
      #expect(!answer.text.contains("HTTP/1.1") && !answer.text.contains("port"), "\(answer.text)")
    }
    #expect(upstream.requests.count == 1)
  }
}
