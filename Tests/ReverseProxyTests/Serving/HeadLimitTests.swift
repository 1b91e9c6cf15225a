import NIOCore
import NIOHPACK
import TestSupport
import Testing

@testable import ReverseProxy

/// Heads above the limits: each costs its own exchange alone, and whoever sent it is told.
@Suite struct HeadLimitTests {
  @Test func onlyTheStreamOfTheRequestEnds() async throws {
    try await RunningProxy.serving([], certificate: TestCertificate()) { proxy in
      let client = try await HTTP2Wire.connect(to: proxy)
      // The bounds that the server states hold once the client has acknowledged them.
      try await client.get(host: "nowhere", path: "/", stream: 1)
      #expect(try await client.take { $0.stream == 1 && $0.endsStream } != nil)
      let field = ("x", String(repeating: "x", count: 40_000))
      let get = [(":method", "GET"), (":scheme", "https"), (":path", "/"), (":authority", "nowhere")]
      try await client.send(HPACKHeaders(get + [field]), stream: 3)
      try await client.get(host: "nowhere", path: "/", stream: 5)
      for (stream, code) in [(3, "head_too_large"), (5, "route_not_found")] {
        let frame = try await client.take { $0.type == .goAway || $0.type == .data && $0.stream == stream }
        let text = String(decoding: try #require(frame).payload, as: UTF8.self)
        #expect(text.contains(code), "\(text)")
      }
    }
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
