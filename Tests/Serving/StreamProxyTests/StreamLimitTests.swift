import NIOPosix
import ProxyTraffic
import RouteModel
import RouteRegistry
import ServerSockets
import TestSupport
import Testing

@testable import StreamProxy

/// `max_conns_per_host` of TCP routes.
@Suite(.timeLimit(.minutes(5))) struct StreamLimitTests {
  private static func route(
    _ alias: String, to upstream: TestPeer.Listener, limit: Int = 1
  ) throws -> RegisteredRoute {
    try .stream(alias, to: upstream.port) { $0.connectionLimit = limit }
  }

  @Test func theNextClientGetsItsTurnWhenAConnectionEnds() async throws {
    let upstream = try await TestPeer.Listener()
    let route = try Self.route("modbus", to: upstream)
    let streams = try RunningStreams([route], configure: { $0.connectTimeout = .seconds(3600) })
    let port = try await streams.port(route)
    let first = try await TestPeer.connect(port: port)
    let firstServer = try await upstream.accept()
    let second = try await TestPeer.connect(port: port)
    try await second.send("second")
    try await eventually("it waits") { streams.connections(route).open == 2 ? () : nil }
    try await first.send("first")
    try await firstServer.wait(for: "first")
    #expect(upstream.count == 1)
    try await first.close()
    try await firstServer.close()
    let secondServer = try await upstream.accept(1)
    try await secondServer.wait(for: "second")
    try await streams.stop()
  }

  @Test func waitsNoLongerThanTheConnectTimeout() async throws {
    let upstream = try await TestPeer.Listener()
    let route = try Self.route("modbus", to: upstream)
    // The first one must connect within the time, even on a slow machine.
    let streams = try RunningStreams([route], configure: { $0.connectTimeout = .seconds(5) })
    let port = try await streams.port(route)
    let first = try await TestPeer.connect(port: port)
    let server = try await upstream.accept()
    let second = try await TestPeer.connect(port: port)
    try await second.waitForEnd()
    #expect(streams.refusals(route, .upstreamTimedOut) == 1 && upstream.count == 1)
    try await first.send("still served")
    try await server.wait(for: "still served")
    try await streams.stop()
  }

  @Test func aClientThatIsGoneWaitsNoMore() async throws {
    let upstream = try await TestPeer.Listener()
    let route = try Self.route("modbus", to: upstream)
    let streams = try RunningStreams([route], configure: { $0.connectTimeout = .seconds(3600) })
    let port = try await streams.port(route)
    let first = try await TestPeer.connect(port: port)
    let server = try await upstream.accept()
    let second = try await TestPeer.connect(port: port)
    try await eventually("it waits") { streams.connections(route).open == 2 ? () : nil }
    try await second.reset()
    try await eventually("it has left") { streams.connections(route).open == 1 ? () : nil }
    try await first.close()
    try await server.close()
    try await eventually("no permit is held") { streams.proxy.connectionLimits.count == 0 ? () : nil }
    #expect(upstream.count == 1)
    try await streams.stop()
  }

  @Test func aClientThatExceedsItsPlacesIsClosedAtOnce() async throws {
    let upstream = try await TestPeer.Listener()
    let route = try Self.route("modbus", to: upstream)
    let streams = try RunningStreams([route], configure: { $0.connectTimeout = .seconds(3600) })
    let port = try await streams.port(route)
    let first = try await TestPeer.connect(port: port)
    let server = try await upstream.accept()
    let place = ConnectionLimits.Place(host: "127.0.0.1", port: UInt16(upstream.port))
    let waiting = (0..<ConnectionQueue.maxWaitingPerClient).map { _ in
      streams.proxy.connectionLimits.request(
        place, limit: 1, client: "127.0.0.1", on: MultiThreadedEventLoopGroup.singleton.any(), onGrant: {})
    }
    #expect(!waiting.contains { $0 == nil || $0?.isGranted == true })
    let second = try await TestPeer.connect(port: port)
    try await second.waitForEnd()
    #expect(streams.refusals(route, .upstreamTimedOut) == 1 && upstream.count == 1)
    for place in waiting { #expect(place?.permit.withdraw() == true) }
    try await first.close()
    try await server.close()
    try await eventually("no permit is held") { streams.proxy.connectionLimits.count == 0 ? () : nil }
    try await streams.stop()
  }

  @Test func aFailedConnectionGivesItsPlaceBack() async throws {
    let closed = try ClosedPort()
    let route = try RegisteredRoute.stream("modbus", to: Int(closed.number)) { $0.connectionLimit = 1 }
    let streams = try RunningStreams([route])
    let client = try await TestPeer.connect(port: try await streams.port(route))
    try await client.waitForEnd()
    try await eventually("no permit is held") { streams.proxy.connectionLimits.count == 0 ? () : nil }
    try await streams.stop()
    _ = closed
  }
}
