import NIOCore
import NIOPosix
import ProxyTraffic
import RouteModel
import RouteRegistry
import Synchronization
import TestSupport
import Testing

@testable import StreamProxy

@Suite(.timeLimit(.minutes(5))) struct DatagramTests {
  @Test func relaysThereAndBack() async throws {
    let echo = try await DatagramServer { [$0 + Array("!".utf8)] }
    let (route, streams) = try serving(echo)
    let client = try await DatagramPeer(port: try await streams.port(route))
    try await client.ask("hello", expecting: "hello!")
    #expect(streams.connections(route, .udp) == (1, 1))
    try await eventually("what passed is counted while the session is open") {
      streams.totals(route).received >= 5 && streams.totals(route).sent >= 6 ? () : nil
    }
    #expect(streams.connections(route, .udp) == (1, 1))
    try await streams.stop()
    #expect(streams.connections(route, .udp) == (1, 0))
    #expect(streams.totals(route).received >= 5 && streams.totals(route).sent >= 6)
  }

  /// Each client gets its own answers, and an upstream can tell them apart.
  @Test func keepsClientsApart() async throws {
    let echo = try await DatagramServer { [$0] }
    let (route, streams) = try serving(echo)
    let port = try await streams.port(route)
    let (one, other) = (try await DatagramPeer(port: port), try await DatagramPeer(port: port))
    try await one.ask("one", expecting: "one")
    try await other.ask("other", expecting: "other")
    #expect(!one.received.contains("other") && !other.received.contains("one"))
    #expect(streams.connections(route, .udp) == (2, 2))
    try await streams.stop()
  }

  /// A socket that listens everywhere has many addresses; a client that asked one of them takes answers from no other.
  @Test(arguments: [
    ("0.0.0.0", "127.0.0.1", "127.0.0.5"), ("::", "127.0.0.1", "127.0.0.5"), ("::", "::1", "127.0.0.5"),
  ])
  func answersFromTheAddressThatWasAsked(bind: String, one: String, other: String) async throws {
    let echo = try await DatagramServer { [$0] }
    let route = try RegisteredRoute.stream("dns", to: Int(echo.port), host: echo.host, scheme: .udp) { $0.bind = bind }
    let streams = try RunningStreams([route])
    let port = try await streams.port(route)
    for host in [one, other] {
      try await DatagramPeer(host: host, port: port).ask("hello", expecting: "hello")
    }
    #expect(streams.connections(route, .udp) == (2, 2))
    try await streams.stop()
  }

  @Test func passesLargeAnswersWhole() async throws {
    let echo = try await DatagramServer { _ in [[UInt8](repeating: UInt8(ascii: "x"), count: 65_000)] }
    let (route, streams) = try serving(echo)
    let client = try await DatagramPeer(port: try await streams.port(route))
    try await client.ask("all", expecting: String(repeating: "x", count: 65_000))
    try await streams.stop()
  }

  @Test func endsSessionsThatAreSilent() async throws {
    let echo = try await DatagramServer { [$0] }
    let (route, streams) = try serving(echo) { $0.datagramTimeout = .milliseconds(100) }
    let client = try await DatagramPeer(port: try await streams.port(route))
    try await client.ask("hello", expecting: "hello")
    try await eventually("the session ends") { streams.connections(route, .udp).open == 0 ? () : nil }
    // And another one begins.
    try await client.ask("again", expecting: "again")
    try await streams.stop()
  }

  @Test func boundsTheSessionsOfARoute() async throws {
    let echo = try await DatagramServer { [$0] }
    let (route, streams) = try serving(echo) { $0.datagramSessions = 2 }
    let port = try await streams.port(route)
    var clients: [DatagramPeer] = []
    for number in 0..<4 {
      let client = try await DatagramPeer(port: port)
      try await client.ask("\(number)", expecting: "\(number)")
      clients.append(client)
    }
    #expect(streams.connections(route, .udp).open == 2)
    try await streams.stop()
  }

  @Test func aRelinkEndsTheSessionsToTheOldTarget() async throws {
    let old = try await DatagramServer { _ in [Array("old".utf8)] }
    let new = try await DatagramServer { _ in [Array("new".utf8)] }
    let (route, streams) = try serving(old)
    let client = try await DatagramPeer(port: try await streams.port(route))
    try await client.ask("who?", expecting: "old")
    streams.registry.apply(adding: [try .stream("dns", to: Int(new.port), host: new.host, scheme: .udp)])
    try await eventually("the old session ends") { streams.connections(route, .udp).open == 0 ? () : nil }
    try await client.ask("who?", expecting: "new")
    try await streams.stop()
  }

  @Test func survivesAnUpstreamThatIsAway() async throws {
    let away = try await DatagramServer { [$0] }
    let (route, streams) = try serving(away)
    let port = try await streams.port(route)
    try await away.stop()
    let client = try await DatagramPeer(port: port)
    for _ in 0..<3 { try await client.send("anybody?") }
    let back = try await DatagramServer { [$0] }
    streams.registry.apply(adding: [try .stream("dns", to: Int(back.port), host: back.host, scheme: .udp)])
    try await client.ask("hello", expecting: "hello")
    try await streams.stop()
  }

  @Test func neverSendsToItself() async throws {
    let route = try RegisteredRoute.stream("loop", to: nil, scheme: .udp)
    let streams = try RunningStreams([route])
    let port = try await streams.port(route)
    streams.registry.apply(adding: [try .stream("loop", to: port, host: "127.0.0.1", scheme: .udp)])
    let client = try await DatagramPeer(port: port)
    try await eventually("the datagram is refused") {
      try await client.send("round and round")
      return streams.connections(route, .udp).opened > 0 ? () : nil
    }
    #expect(streams.connections(route, .udp).open == 0)
    try await streams.stop()
  }

  private func serving(
    _ server: DatagramServer, configure: (inout StreamConfiguration) -> Void = { _ in }
  ) throws -> (RegisteredRoute, RunningStreams) {
    let route = try RegisteredRoute.stream("dns", to: Int(server.port), host: server.host, scheme: .udp)
    return (route, try RunningStreams([route], configure: configure))
  }
}
