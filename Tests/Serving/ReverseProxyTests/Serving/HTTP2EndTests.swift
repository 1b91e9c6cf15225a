import RouteModel
import RouteRegistry
import TestSupport
import Testing

@testable import ReverseProxy

/// HTTP/2 connections end with a GOAWAY and after the streams in progress (RFC 9113 §6.8).
@Suite(.timeLimit(.minutes(5))) struct HTTP2EndTests {
  private static func serving(
    _ routes: [RegisteredRoute] = [], configure: (inout ProxyConfiguration.Timeouts) -> Void,
    _ body: (RunningProxy) async throws -> Void
  ) async throws {
    try await RunningProxy.serving(
      routes, certificate: try TestCertificate(), configure: { configure(&$0.timeouts) }, body)
  }

  @Test func anIdleConnectionIsClosed() async throws {
    let timeouts: (inout ProxyConfiguration.Timeouts) -> Void = {
      ($0.requestHeader, $0.idle) = (.seconds(3600), .seconds(1))
    }
    try await Self.serving(configure: timeouts) { proxy in
      let client = try await HTTP2Wire.connect(to: proxy)
      try await client.get(host: "nowhere", path: "/", stream: 1)
      #expect(try await client.take { $0.stream == 1 && $0.endsStream } != nil)
      try await Self.expectGoAway(client)
    }
  }

  @Test func aConnectionWithoutRequestsIsClosed() async throws {
    let timeouts: (inout ProxyConfiguration.Timeouts) -> Void = {
      ($0.requestHeader, $0.idle) = (.seconds(10), .seconds(3600))
    }
    try await Self.serving(configure: timeouts) { proxy in
      // A stalled machine may not be at HTTP/2 yet when the time is over, but not five times in a row.
      var client: HTTP2Wire?
      var goAway: HTTP2Wire.Frame?
      for _ in 0..<5 where goAway == nil {
        client = try? await HTTP2Wire.connect(to: proxy)
        goAway = try await client?.take { $0.type == .goAway }
      }
      try await Self.expectEnd(of: try #require(client), after: goAway)
    }
  }

  private static func expectGoAway(_ client: HTTP2Wire) async throws {
    try await expectEnd(of: client, after: try await client.take { $0.type == .goAway })
  }

  private static func expectEnd(of client: HTTP2Wire, after goAway: HTTP2Wire.Frame?) async throws {
    #expect(try #require(goAway).errorCode == 0)
    while let frame = try await client.next() { #expect(frame.type == .goAway) }
    #expect(client.connection.isEnded)
  }

  @Test func aDrainFinishesTheStreamsInFlight() async throws {
    let (begun, gate) = (Gate(), Gate())
    let upstream = try await RawServer { connection in
      guard try await connection.request() != nil else { return }
      begun.open()
      try await gate.wait()
      try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone")
    }
    try await Self.serving([try .http("web", to: upstream)], configure: { $0.drain = .seconds(3600) }) { proxy in
      let client = try await HTTP2Wire.connect(to: proxy)
      try await client.get(host: "web", path: "/", stream: 1)
      try await begun.wait()
      await proxy.stop()
      // The second GOAWAY names the last stream; the first one only announces the end.
      #expect(try await client.take { $0.type == .goAway && $0.lastStream == 1 }?.errorCode == 0)
      #expect(!client.connection.isEnded)
      gate.open()
      let body = try #require(try await client.take { $0.type == .data && $0.stream == 1 })
      #expect(body.payload == Array("done".utf8))
      while try await client.next() != nil {}
      #expect(client.connection.isEnded)
    }
  }

  /// Otherwise it would delay the stop for the whole time limit.
  @Test func aDrainDoesNotWaitForAnUnresponsiveClient() async throws {
    let timeouts: (inout ProxyConfiguration.Timeouts) -> Void = {
      ($0.drain, $0.idle) = (.seconds(3600), .seconds(3600))
    }
    try await Self.serving(configure: timeouts) { proxy in
      let client = try await HTTP2Wire.connect(to: proxy, answersPings: false)
      try await client.get(host: "nowhere", path: "/", stream: 1)
      #expect(try await client.take { $0.stream == 1 && $0.endsStream } != nil)
      await proxy.stop()
      while try await client.next() != nil {}
      #expect(client.connection.isEnded)
    }
  }
}
