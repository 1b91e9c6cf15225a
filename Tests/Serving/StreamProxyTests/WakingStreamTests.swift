import NIOCore
import ProxyTraffic
import RouteModel
import RouteRegistry
import Synchronization
import TestSupport
import Testing
import WakeOnDemand

@testable import StreamProxy

/// Streams to a stopped guest; the test plays PVE.
@Suite(.timeLimit(.minutes(5))) struct WakingStreamTests {
  private static let guest = GuestID(cluster: "home", vmid: 106)
  private static let other = GuestID(cluster: "home", vmid: 107)

  private struct Lab {
    let gates = WakeGates()
    let streams: RunningStreams
    let route: RegisteredRoute

    init(
      _ scheme: RouteScheme, to port: Int?, host: String = "127.0.0.1", _ status: GateStatus = GateStatus(.stopped),
      configure: (inout StreamConfiguration) -> Void = { _ in }
    ) throws {
      gates.permit(["home"])
      gates.manage([guest])
      gates.show(status, of: guest)
      route = try WakingStreamTests.route(scheme, to: port, host: host)
      streams = try RunningStreams([route], gates: gates, configure: configure)
    }

    var gate: GuestGate { get throws { try #require(gates.gate(of: guest)) } }

    /// Moves the route to the other guest, which comes up once it is waited for.
    func move(to route: RegisteredRoute) async throws {
      gates.manage([guest, other])
      gates.show(GateStatus(.stopped), of: other)
      let gate = try #require(gates.gate(for: route.route))
      streams.registry.apply(adding: [route])
      gates.show(.up, of: guest)
      try await eventually(within: .seconds(120), "the other guest is waited for") { gate.watcherCount == 1 ? () : nil }
      gates.show(.up, of: other)
    }

    /// The route serves another network only.
    func excludeThisMachine() throws {
      var stricter = route.route
      stricter.declaration.allowedClients = ClientAllowance(networks: [try #require(IPNetwork("10.0.0.0/8"))])
      streams.registry.apply(adding: [RegisteredRoute(stricter)])
    }

    /// Plays PVE, which reports that the guest runs whenever a client could not reach it.
    func confirmGuest() -> Task<Void, Never> {
      Task { [gates] in
        for await request in gates.requests where request.isUnreachable { gates.show(.up, of: request.guest) }
      }
    }

    func isWaitedFor(by count: Int) async throws {
      let gate = try gate
      try await eventually("\(count) clients wait") { gate.watcherCount == count ? () : nil }
    }
  }

  private static func route(
    _ scheme: RouteScheme, to port: Int?, host: String = "127.0.0.1", wakeTimeout: Duration = .seconds(180),
    in guest: GuestID = Self.guest
  ) throws -> RegisteredRoute {
    let identity = LinkedResource.Identity.guest(guest, node: "pve1", name: "git", type: .lxc, status: .stopped)
    return try .stream(
      "git", to: port, host: host, scheme: scheme,
      link: .linked(LinkedResource(identity, matchedBy: .explicit, matched: "\(guest.vmid)"))
    ) { declaration in
      var policy = WakePolicy()
      (policy.start, policy.wakeTimeout) = (.onRequest, wakeTimeout)
      declaration.wake = policy
    }
  }

  @Test func aConnectionIsHeldWithWhatItSent() async throws {
    let server = try await RawServer { connection in
      while let bytes = try await connection.take(5) { try await connection.send(bytes) }
    }
    let lab = try Lab(.tcp, to: nil)
    let client = try await RawConnection.connect(to: UInt16(try await lab.streams.port(lab.route)))
    try await client.send("hello")
    try await lab.isWaitedFor(by: 1)
    var requests = lab.gates.requests.makeAsyncIterator()
    #expect(await requests.next()?.client == "127.0.0.1 over TCP")
    lab.streams.registry.apply(adding: [try Self.route(.tcp, to: Int(server.port), host: server.host)])
    lab.gates.show(GateStatus(.starting), of: Self.guest)
    lab.gates.show(.up, of: Self.guest)
    #expect(try await client.take(5).map { String(decoding: $0, as: UTF8.self) } == "hello")
    try await lab.streams.stop()
  }

  @Test func aGuestThatDoesNotComeUpEndsItsConnections() async throws {
    let lab = try Lab(.tcp, to: nil)
    let client = try await RawConnection.connect(to: UInt16(try await lab.streams.port(lab.route)))
    try await lab.isWaitedFor(by: 1)
    lab.gates.show(GateStatus(.failed, cause: "it is a template"), of: Self.guest)
    #expect(try await client.takeAll().isEmpty)
    #expect(lab.streams.refusals(lab.route, .guestStopped) == 1)
    try await lab.streams.stop()
  }

  @Test func aServiceThatIsNotThereYetIsTriedAgain() async throws {
    let server = try await RawServer { try await $0.send("ready") }
    let lab = try Lab(.tcp, to: Int(server.port), host: "127.0.0.2")
    let pve = lab.confirmGuest()
    defer { pve.cancel() }
    let client = try await RawConnection.connect(to: UInt16(try await lab.streams.port(lab.route)))
    try await lab.isWaitedFor(by: 1)
    lab.gates.show(GateStatus(.waiting), of: Self.guest)
    lab.gates.show(.up, of: Self.guest)
    lab.streams.registry.apply(adding: [try Self.route(.tcp, to: Int(server.port), host: server.host)])
    #expect(try await client.take(5) != nil)
    try await lab.streams.stop()
  }

  /// The files were reloaded while the client waited.
  @Test func whatTheRouteAdmitsWhenTheGuestIsUpCounts() async throws {
    let server = try await RawServer { try await $0.send("ready") }
    let lab = try Lab(.tcp, to: Int(server.port), host: server.host)
    let client = try await RawConnection.connect(to: UInt16(try await lab.streams.port(lab.route)))
    try await lab.isWaitedFor(by: 1)
    try lab.excludeThisMachine()
    lab.gates.show(.up, of: Self.guest)
    #expect(try await client.takeAll().isEmpty)
    #expect(lab.streams.refusals(lab.route, .notAllowed) == 1)
    try await lab.streams.stop()
  }

  @Test func aSessionOfAClientThatIsNoLongerAdmittedDoesNotWait() async throws {
    let lab = try Lab(.udp, to: nil)
    let client = try await DatagramPeer(port: try await lab.streams.port(lab.route))
    try await client.send("who")
    try await lab.isWaitedFor(by: 1)
    try lab.excludeThisMachine()
    try await lab.isWaitedFor(by: 0)
    try await eventually("the session has ended") { lab.streams.connections(lab.route, .udp).open == 0 ? () : nil }
    #expect(lab.streams.refusals(lab.route, .notAllowed) == 1)
    try await lab.streams.stop()
  }

  /// The guest comes up before the listener has looked the route up again.
  @Test func aSessionIsRefusedOnceByWhatTheRouteAdmitsByThen() async throws {
    let lab = try Lab(.udp, to: nil)
    // Only the listeners that the proxy opened itself are refreshed.
    let spec = try #require(ListenerSpec(lab.route.route, bind: "127.0.0.1"))
    let listener = try await DatagramListener.open(spec, lab.streams.proxy.environment)
    let client = try await DatagramPeer(port: try #require(listener.channel.localAddress?.port))
    try await client.send("who")
    try await lab.isWaitedFor(by: 1)
    try lab.excludeThisMachine()
    lab.gates.show(.up, of: Self.guest)
    try await eventually("it is refused") { lab.streams.refusals(lab.route, .notAllowed) > 0 ? () : nil }
    try await listener.channel.close()
    #expect(lab.streams.refusals(lab.route, .notAllowed) == 1)
    #expect(lab.streams.connections(lab.route, .udp) == (1, 0))
    try await lab.streams.stop()
  }

  /// The route leads to another guest by now, which sleeps too: `isUp` says whether the former one came up, or its
  /// service is still tried.
  @Test(arguments: [false, true]) func theGuestThatIsBehindTheRouteByThenIsWoken(isUp: Bool) async throws {
    let server = try await RawServer { try await $0.send("ready") }
    let lab = try Lab(.tcp, to: Int(server.port), host: "127.0.0.2")
    let pve = lab.confirmGuest()
    defer { pve.cancel() }
    let client = try await RawConnection.connect(to: UInt16(try await lab.streams.port(lab.route)))
    try await lab.isWaitedFor(by: 1)
    if isUp {
      lab.gates.show(GateStatus(.waiting), of: Self.guest)
      lab.gates.show(.up, of: Self.guest)
      try await lab.isWaitedFor(by: 0)
    }
    try await lab.move(to: try Self.route(.tcp, to: Int(server.port), host: server.host, in: Self.other))
    #expect(try await client.take(5) != nil)
    try await lab.streams.stop()
  }

  @Test func datagramsWakeTheGuestThatIsBehindTheRouteByThen() async throws {
    let echo = try await DatagramServer { [$0 + Array("!".utf8)] }
    let lab = try Lab(.udp, to: nil)
    let client = try await DatagramPeer(port: try await lab.streams.port(lab.route))
    try await client.send("who")
    try await lab.isWaitedFor(by: 1)
    try await lab.move(to: try Self.route(.udp, to: Int(echo.port), host: echo.host, in: Self.other))
    try await eventually(within: .seconds(120), "the answer comes") { client.received.contains("who!") ? () : nil }
    try await lab.streams.stop()
  }

  /// One of them tries for all.
  @Test func allWhoWaitForALateServiceAreServed() async throws {
    let server = try await RawServer { try await $0.send("ready") }
    let lab = try Lab(.tcp, to: Int(server.port), host: "127.0.0.2")
    let pve = lab.confirmGuest()
    defer { pve.cancel() }
    let port = UInt16(try await lab.streams.port(lab.route))
    var clients: [RawConnection] = []
    for _ in 0..<20 { clients.append(try await RawConnection.connect(to: port)) }
    try await lab.isWaitedFor(by: 20)
    lab.gates.show(GateStatus(.waiting), of: Self.guest)
    lab.gates.show(.up, of: Self.guest)
    // All but the one that tries just now.
    try await lab.isWaitedFor(by: 19)
    try await clients.removeLast().reset()
    try await eventually("one less waits") { try lab.gate.watcherCount < 19 ? () : nil }
    lab.streams.registry.apply(adding: [try Self.route(.tcp, to: Int(server.port), host: server.host)])
    for client in clients { #expect(try await client.take(5) != nil) }
    try await lab.streams.stop()
  }

  @Test func aGuestThatWasStoppedByHandIsWokenWithTheConnectionHeld() async throws {
    let server = try await RawServer { try await $0.send("ready") }
    let lab = try Lab(.tcp, to: Int(server.port), host: "127.0.0.2", .up)
    let client = try await RawConnection.connect(to: UInt16(try await lab.streams.port(lab.route)))
    var requests = lab.gates.requests.makeAsyncIterator()
    #expect(await requests.next()?.isUnreachable == true)
    lab.streams.registry.apply(adding: [try Self.route(.tcp, to: Int(server.port), host: server.host)])
    lab.gates.show(GateStatus(.starting), of: Self.guest)
    lab.gates.show(.up, of: Self.guest)
    #expect(try await client.take(5) != nil)
    try await lab.streams.stop()
  }

  @Test func bytesAreUseAndSilenceIsNot() async throws {
    let server = try await RawServer { connection in
      while let bytes = try await connection.take(5) { try await connection.send(bytes) }
    }
    let lab = try Lab(.tcp, to: Int(server.port), host: server.host, .up) { $0.bindRetry = .seconds(3600) }
    let client = try await RawConnection.connect(to: UInt16(try await lab.streams.port(lab.route)))
    let gate = try lab.gate
    for _ in 1...2 {
      let before = gate.lastUse
      try await client.send("hello")
      #expect(try await client.take(5) != nil)
      lab.streams.proxy.countBytes()
      let now = try #require(gate.lastUse)
      #expect(before.map { $0 < now } ?? true)
    }
    lab.streams.proxy.countBytes()
    let last = gate.lastUse
    lab.streams.proxy.countBytes()
    #expect(gate.lastUse == last)
    try await lab.streams.stop()
  }

  /// Clients reconnect faster than the agent looks up the guest behind a route.
  @Test func aConnectionFromBeforeTheGuestWasKnownIsUse() async throws {
    let server = try await RawServer { connection in
      while let bytes = try await connection.take(5) { try await connection.send(bytes) }
    }
    let lab = try Lab(.tcp, to: Int(server.port), host: server.host, .up) { $0.bindRetry = .seconds(3600) }
    lab.gates.permit([])
    let client = try await RawConnection.connect(to: UInt16(try await lab.streams.port(lab.route)))
    try await client.send("hello")
    #expect(try await client.take(5) != nil)
    lab.streams.proxy.countBytes()
    #expect(try lab.gate.lastUse == nil)
    lab.gates.permit(["home"])
    try await client.send("again")
    #expect(try await client.take(5) != nil)
    lab.streams.proxy.countBytes()
    #expect(try lab.gate.lastUse != nil)
    try await lab.streams.stop()
  }

  /// Also for longer than a session may be silent, which the end of a later one shows.
  @Test func datagramsAreHeld() async throws {
    let echo = try await DatagramServer { [$0 + Array("!".utf8)] }
    let lab = try Lab(.udp, to: nil) { $0.datagramTimeout = .seconds(1) }
    let plain = try RegisteredRoute.stream("dns", to: Int(echo.port), host: echo.host, scheme: .udp)
    lab.streams.registry.apply(adding: [plain])
    let client = try await DatagramPeer(port: try await lab.streams.port(lab.route))
    try await client.send("who")
    try await lab.isWaitedFor(by: 1)
    var requests = lab.gates.requests.makeAsyncIterator()
    #expect(await requests.next()?.client == "127.0.0.1 over UDP")
    try await DatagramPeer(port: try await lab.streams.port(plain)).ask("later", expecting: "later!")
    try await eventually("the later session ends") { lab.streams.connections(plain, .udp).open == 0 ? () : nil }
    // Once it has its upstream, the session may wait long for the answer.
    var configuration = lab.streams.proxy.environment.configuration
    configuration.datagramTimeout = .seconds(3600)
    lab.streams.proxy.replace(configuration, lab.streams.proxy.environment.proxyProtocol)
    lab.streams.registry.apply(adding: [try Self.route(.udp, to: Int(echo.port), host: echo.host)])
    lab.gates.show(GateStatus(.starting), of: Self.guest)
    lab.gates.show(.up, of: Self.guest)
    try await eventually(within: .seconds(120), "the answer comes") { client.received.contains("who!") ? () : nil }
    #expect(try lab.gate.lastUse != nil)
    try await lab.streams.stop()
  }
}
