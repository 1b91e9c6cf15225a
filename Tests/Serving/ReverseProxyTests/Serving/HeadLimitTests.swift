import NIOCore
import NIOHPACK
import TestSupport
import Testing

@testable import ReverseProxy

/// Heads above the limits fail only their own exchange, with a response that says why.
@Suite(.timeLimit(.minutes(5))) struct HeadLimitTests {
  @Test func onlyTheStreamOfTheRequestEnds() async throws {
    let configure: (inout ProxyConfiguration) -> Void = {
      ($0.timeouts.requestHeader, $0.timeouts.idle) = (.seconds(3600), .seconds(3600))
    }
    try await RunningProxy.serving([], certificate: TestCertificate(), configure: configure) { proxy in
      let client = try await HTTP2Wire.connect(to: proxy)
      var headers = HPACKHeaders([
        (":method", "GET"), (":scheme", "https"), (":path", "/"), (":authority", "nowhere"),
      ])
      headers.add(name: "x", value: String(repeating: "x", count: 40_000))
      try await client.send(headers, stream: 1)
      try await client.get(host: "nowhere", path: "/", stream: 3)
      let bodies = try await Self.bodies(of: [1, 3], client)
      #expect(
        bodies[1]?.contains("head_too_large") == true && bodies[3]?.contains("route_not_found") == true, "\(bodies)")
    }
  }

  /// The bodies of the responses to the streams, from their first frames in any order; without those after which the
  /// connection is closed.
  private static func bodies(of streams: Set<UInt32>, _ client: HTTP2Wire) async throws -> [UInt32: String] {
    var bodies: [UInt32: String] = [:]
    while bodies.count < streams.count {
      let frame = try await client.take { frame in
        frame.type == .goAway || frame.type == .data && streams.contains(frame.stream) && bodies[frame.stream] == nil
      }
      guard let frame, frame.type == .data else { break }
      bodies[frame.stream] = String(decoding: frame.payload, as: UTF8.self)
    }
    return bodies
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
