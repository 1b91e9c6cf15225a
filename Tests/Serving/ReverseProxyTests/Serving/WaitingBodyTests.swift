import NIOHPACK
import RouteModel
import RouteRegistry
import TestSupport
import Testing

@testable import ReverseProxy

/// Bodies over HTTP/2 that wait, because the other side does not take them.
@Suite(.timeLimit(.minutes(5))) struct WaitingBodyTests {
  /// POST with END_HEADERS, and a body that does not end.
  private func post(
    _ bytes: Int, host: String, from client: String? = nil, stream: UInt32, _ wire: HTTP2Wire
  ) async throws {
    let text = { (value: String) in [UInt8(value.utf8.count)] + Array(value.utf8) }
    let forwarded = client.map { [0] + text("x-forwarded-for") + text($0) } ?? []
    try await wire.send(.headers, flags: 4, stream: stream, [0x83, 0x87, 0x84, 1] + text(host) + forwarded)
    for _ in 0..<(bytes / 16_384) {
      try await wire.send(.data, stream: stream, [UInt8](repeating: 0, count: 16_384))
    }
  }

  /// It accepts a connection, and answers nothing: the next request waits for it to end.
  private static func busyRoute() async throws -> (RawServer, RegisteredRoute) {
    let upstream = try await RawServer { _ = try await $0.takeAll() }
    let target = Upstream.network(scheme: .http, host: upstream.host, port: upstream.port)
    return (upstream, try RegisteredRoute.http("busy", to: target) { $0.connectionLimit = 1 })
  }

  /// The share of a client is 100,000.
  @Test func aRequestForWhichThereIsNoRoomIsRefused() async throws {
    let (upstream, busy) = try await Self.busyRoute()
    defer { withExtendedLifetime(upstream) {} }
    try await RunningProxy.serving([busy], certificate: TestCertificate(), maxWaitingBytes: 800_000) { proxy in
      let wire = try await HTTP2Wire.connect(to: proxy)
      try await wire.get(host: "busy", path: "/", stream: 1)
      try await post(5 * 16_384, host: "busy", stream: 3, wire)
      try await post(5 * 16_384, host: "busy", stream: 5, wire)
      let refused = try await wire.firstHead()
      #expect(refused?.first(name: ":status") == "503")
      let body = try await wire.take { $0.type == .data }
      #expect(body?.stream == 5)
      // The room of a request that was cancelled is free again.
      try await wire.send(.reset, stream: 3, [0, 0, 0, 8])
      try await post(5 * 16_384, host: "busy", stream: 7, wire)
      try await wire.send(.ping, stream: 0, [UInt8](repeating: 1, count: 8))
      let next = try await wire.take { $0.type == .ping || $0.stream == 7 }
      #expect(next?.type == .ping, "all that came before it was accepted")
    }
  }

  @Test func aClientLeavesRoomToTheOthers() async throws {
    let (upstream, busy) = try await Self.busyRoute()
    defer { withExtendedLifetime(upstream) {} }
    let loopback = try #require(IPNetwork("127.0.0.0/8"))
    try await RunningProxy.serving(
      [busy], certificate: TestCertificate(), configure: { $0.trustedProxies = [loopback] }, maxWaitingBytes: 800_000
    ) { proxy in
      let wire = try await HTTP2Wire.connect(to: proxy)
      try await wire.get(host: "busy", path: "/", stream: 1)
      try await post(5 * 16_384, host: "busy", from: "127.0.5.1", stream: 3, wire)
      try await post(5 * 16_384, host: "busy", from: "127.0.5.2", stream: 5, wire)
      try await post(5 * 16_384, host: "busy", from: "127.0.5.1", stream: 7, wire)
      let refused = try await wire.take { $0.type == .headers }
      #expect(refused?.stream == 7)
    }
  }
}
