import RouteModel
import RouteRegistry
import TestSupport
import Testing
import WakeOnDemand

@testable import ReverseProxy

/// Clients that a route does not admit wake nothing, and are not served after a wait either.
@Suite(.timeLimit(.minutes(5))) struct WakingAdmissionTests {
  private static let request = "GET / HTTP/1.1\r\nHost: photos\r\n\r\n"

  private static func route(
    to server: EchoUpstream, _ change: (inout RouteDeclaration) -> Void
  ) throws -> RegisteredRoute {
    var route = try RegisteredRoute.waking(to: server).route
    change(&route.declaration)
    return RegisteredRoute(route)
  }

  private static func allowing(_ network: String, to server: EchoUpstream) throws -> RegisteredRoute {
    let networks = [try #require(IPNetwork(orAddress: network))]
    return try route(to: server) { $0.allowedClients = ClientAllowance(networks: networks) }
  }

  @Test(arguments: ["Accept: text/html\r\n", "Accept: */*\r\n", "Connection: Upgrade\r\nUpgrade: websocket\r\n"])
  func aClientOfAnotherNetworkWakesNothing(field: String) async throws {
    let (guest, echo) = (SleepingGuest(), try await EchoUpstream())
    try await RunningProxy.serving([try Self.allowing("10.0.0.0/8", to: echo)], gates: guest.gates) { proxy in
      for path in ["/", WakeDemand.eventsPath] {
        let connection = try await proxy.connect()
        try await connection.send("GET \(path) HTTP/1.1\r\nHost: photos\r\n\(field)\r\n")
        #expect(try await connection.response()?.status == 403)
      }
      #expect(guest.asked.isEmpty && guest.waiting == 0)
      #expect(guest.gates.gate(of: SleepingGuest.id)?.lastUse == nil)
    }
  }

  @Test func aClientOfTheNetworkWakesIt() async throws {
    let (guest, echo) = (SleepingGuest(), try await EchoUpstream())
    try await RunningProxy.serving([try Self.allowing("127.0.0.0/8", to: echo)], gates: guest.gates) { proxy in
      let connection = try await proxy.connect()
      try await connection.send(Self.request)
      try await guest.isWished()
      guest.show(.up)
      #expect(try await connection.response()?.status == 200)
    }
  }

  /// The files were reloaded while the client waited.
  @Test(arguments: [true, false]) func whatTheRouteAdmitsWhenTheGuestIsUpCounts(isRestricted: Bool) async throws {
    let (guest, echo) = (SleepingGuest(), try await EchoUpstream())
    try await RunningProxy.serving([try .waking(to: echo)], gates: guest.gates) { proxy in
      let connection = try await proxy.connect()
      try await connection.send(Self.request)
      try await guest.isWished()
      let stricter =
        isRestricted
        ? try Self.route(to: echo) { $0.restriction = "middlewares restrict access" }
        : try Self.allowing("10.0.0.0/8", to: echo)
      proxy.registry.apply(adding: [stricter])
      guest.show(.up)
      #expect(try await connection.response()?.status == 403)
      #expect(echo.requests.isEmpty)
    }
  }

  /// The route leads to another guest by now, which sleeps too.
  @Test func theGuestThatIsBehindTheRouteByThenIsWoken() async throws {
    let (guest, echo) = (SleepingGuest(), try await EchoUpstream())
    let other = GuestID(cluster: "home", vmid: 107)
    try await RunningProxy.serving([try .waking(to: echo)], gates: guest.gates) { proxy in
      let connection = try await proxy.connect()
      try await connection.send(Self.request)
      try await guest.isWished()
      guest.gates.manage([SleepingGuest.id, other])
      guest.gates.show(GateStatus(.stopped), of: other)
      var moved = try RegisteredRoute.waking(to: echo).route
      let identity = LinkedResource.Identity.guest(other, node: "pve1", name: "new", type: .lxc, status: .stopped)
      moved.link = .linked(LinkedResource(identity, matchedBy: .explicit, matched: "107"))
      proxy.registry.apply(adding: [RegisteredRoute(moved)])
      guest.show(.up)
      try await eventually(within: .seconds(120), "the other guest is asked for") {
        guest.asked.contains { $0.guest == other } ? () : nil
      }
      #expect(echo.requests.isEmpty)
      guest.gates.show(.up, of: other)
      #expect(try await connection.response()?.status == 200)
    }
  }
}
