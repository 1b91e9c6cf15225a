import NIOCore
import NIOPosix
import NameResolution
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
    // NIO reports a channel as closed before its handlers know of it.
    try await eventually("the session has ended") { streams.connections(route, .udp) == (1, 0) ? () : nil }
    #expect(streams.totals(route).received >= 5 && streams.totals(route).sent >= 6)
  }

  /// Each client gets its own answers, and the upstream can distinguish clients.
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

  /// A socket that listens on all addresses has many; a client only accepts answers from the address it used.
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

  /// Every datagram is read into a buffer for the largest one.
  @Test func whatIsHeldUntilTheSocketIsReadyIsCopied() throws {
    let route = try RegisteredRoute.stream("dns", to: 1, scheme: .udp)
    let client = try SocketAddress(ipAddress: "127.0.0.1", port: 1)
    let session = DatagramSession(
      ends: DatagramEnds(AddressedEnvelope(remoteAddress: client, data: ByteBuffer())), rate: 0, route: route,
      traffic: TrafficBook(registry: RouteRegistry()).traffic(for: route), names: .system, gate: nil,
      on: MultiThreadedEventLoopGroup.singleton.next(), answer: { _ in }, onEnd: { _ in })
    for number in UInt8(0)..<16 {
      var datagram = ByteBufferAllocator().buffer(capacity: DatagramListener.largest)
      datagram.writeInteger(number)
      session.send(datagram)
    }
    #expect(session.held.map { Array($0.readableBytesView) } == (0..<16).map { [$0] })
    #expect(session.held.reduce(0) { $0 + $1.storageCapacity } < 1024)
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
    // A new session begins.
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

  @Test(.timeLimit(.minutes(5))) func endsTheMostSilentSessionAtTheLimit() async throws {
    let echo = try await DatagramServer { [$0] }
    let (route, streams) = try serving(echo) { $0.datagramSessions = 2 }
    let port = try await streams.port(route)
    let (first, second, third) = (
      try await DatagramPeer(port: port), try await DatagramPeer(port: port), try await DatagramPeer(port: port)
    )
    try await first.ask("1", expecting: "1")
    try await second.ask("2", expecting: "2")
    try await first.ask("1 again", expecting: "1 again")
    try await third.ask("3", expecting: "3")
    try await first.ask("1 still", expecting: "1 still")
    #expect(streams.connections(route, .udp) == (3, 2))
    try await second.ask("2 again", expecting: "2 again")
    #expect(streams.connections(route, .udp) == (4, 2))
    try await streams.stop()
  }

  /// Two servers that answer everything would answer each other forever (CVE-2024-2169).
  @Test(.timeLimit(.minutes(5)), arguments: [false, true])
  func takesNothingFromTheUpstreamAsAClient(byName: Bool) async throws {
    let echo = try await DatagramServer(host: byName ? "127.0.0.1" : nil) { [$0] }
    let route = try RegisteredRoute.stream(
      "dns", to: Int(echo.port), host: byName ? "localhost" : echo.host, scheme: .udp)
    let streams = try RunningStreams([route])
    let port = try await streams.port(route)
    try await eventually("the datagram is refused") {
      try await echo.send("round and round", to: "127.0.0.1", port)
      return streams.refusals(route, .loop) > 0 ? () : nil
    }
    #expect(echo.received.isEmpty && streams.connections(route, .udp).open == 0)
    try await streams.stop()
  }

  @Test(.timeLimit(.minutes(5))) func takesNothingFromAListenerOfTheAgentItself() async throws {
    let echo = try await DatagramServer { [$0] }
    let (route, streams) = try serving(echo)
    let client = try await DatagramPeer(port: try await streams.port(route))
    try await client.ask("hello", expecting: "hello")
    // As if the client's address were that of another listener.
    let other = try await DatagramPeer(port: try await streams.port(route))
    streams.proxy.environment.datagramAddresses.add(try #require(other.channel.localAddress), of: other.channel)
    try await eventually("the datagram is refused") {
      try await other.send("round and round")
      return streams.refusals(route, .loop) > 0 ? () : nil
    }
    #expect(!echo.received.contains(Array("round and round".utf8)))
    try await streams.stop()
  }

  @Test func knowsTheListenersOfTheAgent() async throws {
    let addresses = DatagramAddresses()
    let echo = try await DatagramServer { [$0] }
    let peer = try await DatagramPeer(host: echo.host, port: Int(echo.port))
    addresses.add(try SocketAddress(ipAddress: "0.0.0.0", port: 53), of: peer.channel)
    #expect(addresses.contains(try SocketAddress(ipAddress: "127.0.0.1", port: 53)))
    #expect(addresses.contains(try SocketAddress(ipAddress: "::ffff:127.0.0.1", port: 53)))
    #expect(!addresses.contains(try SocketAddress(ipAddress: "127.0.0.1", port: 54)))
    #expect(!addresses.contains(try SocketAddress(ipAddress: "192.0.2.77", port: 53)))
    addresses.remove(peer.channel)
    #expect(!addresses.contains(try SocketAddress(ipAddress: "127.0.0.1", port: 53)))
  }

  @Test(.timeLimit(.minutes(5))) func boundsTheDatagramsOfASession() async throws {
    let echo = try await DatagramServer { [$0] }
    let (route, streams) = try serving(echo) { $0.datagramRate = 3 }
    let client = try await DatagramPeer(port: try await streams.port(route))
    let begin = ContinuousClock.now
    for number in 0..<100 { try await client.send("\(number)") }
    try await client.ask("more", expecting: "more")
    let (received, answered) = (echo.received.count, client.received.count)
    // Not before the counts, because more may pass meanwhile.
    let most = 3 + Int(3 * ((.now - begin) / .seconds(1))) + 1
    #expect(received <= most && answered <= most)
    try await streams.stop()
  }

  @Test func admitsSoManyASecond() {
    var rate = DatagramRate(10)
    let start = NIODeadline.now()
    #expect((0..<20).filter { _ in rate.admits(at: start) }.count == 10)
    #expect((0..<20).filter { _ in rate.admits(at: start + .milliseconds(500)) }.count == 5)
    #expect((0..<20).filter { _ in rate.admits(at: start + .seconds(3600)) }.count == 10)
  }

  /// Else the names of sessions that ended would hold up those of other routes.
  @Test(.timeLimit(.minutes(5))) func aSessionThatEndsLeavesTheQueueOfNames() async throws {
    let names = ScriptedNames(maxThreads: 1)
    let routes = try ["one", "two"].map {
      try RegisteredRoute.stream($0, to: 9, host: "\($0).silent.test", scheme: .udp)
    }
    let streams = try RunningStreams(
      routes, names: names.resolver, configure: { $0.datagramTimeout = .milliseconds(100) })
    for route in routes {
      let client = try await DatagramPeer(port: try await streams.port(route))
      // Once: after its session has ended, another datagram would begin another one.
      try await client.send("hello")
      try await eventually("a session waits for its upstream's name") {
        streams.connections(route, .udp).opened == 1 && names.waiting == 1 ? () : nil
      }
    }
    for route in routes {
      try await eventually("the session ends") { streams.connections(route, .udp).open == 0 ? () : nil }
    }
    names.endSilence()
    _ = await names.resolver.addresses(of: "three.silent.test", timeout: .seconds(180))
    #expect(names.asked == ["one.silent.test", "three.silent.test"])
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

  /// Those of other clients stay.
  @Test func aStricterWhitelistEndsTheSessionsThatItDoesNotAdmit() async throws {
    let echo = try await DatagramServer { [$0] }
    let route = try RegisteredRoute.stream("dns", to: Int(echo.port), host: echo.host, scheme: .udp) { $0.bind = "::" }
    let streams = try RunningStreams([route])
    let port = try await streams.port(route)
    let excluded = try await DatagramPeer(host: "127.0.0.1", port: port)
    let admitted = try await DatagramPeer(host: "::1", port: port)
    for client in [excluded, admitted] { try await client.ask("hello", expecting: "hello") }
    #expect(streams.connections(route, .udp) == (2, 2))
    var stricter = route.route
    stricter.declaration.allowedClients = ClientAllowance(networks: [try #require(IPNetwork("::1/128"))])
    streams.registry.apply(adding: [RegisteredRoute(stricter)])
    try await eventually("a session ends") { streams.connections(route, .udp) == (2, 1) ? () : nil }
    #expect(streams.refusals(route, .notAllowed) == 0)
    try await eventually("the next datagram is refused") {
      try await excluded.send("again")
      return streams.refusals(route, .notAllowed) > 0 ? () : nil
    }
    try await admitted.ask("still here", expecting: "still here")
    let (opened, open) = streams.connections(route, .udp)
    #expect(opened - streams.refusals(route, .notAllowed) == 2 && open == 1)
    #expect(!echo.received.contains(Array("again".utf8)))
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
    try await eventually("no session is open") { streams.connections(route, .udp).open == 0 ? () : nil }
    #expect(streams.refusals(route, .loop) > 0)
    try await streams.stop()
  }

  private func serving(
    _ server: DatagramServer, configure: (inout StreamConfiguration) -> Void = { _ in }
  ) throws -> (RegisteredRoute, RunningStreams) {
    let route = try RegisteredRoute.stream("dns", to: Int(server.port), host: server.host, scheme: .udp)
    return (route, try RunningStreams([route], configure: configure))
  }
}
