import FoundationEssentials
import HTTPMessages
import NIOCore
import NIOEmbedded
import ProxyTraffic
import RouteModel
import RouteRegistry
import TestSupport
import Testing
import WakeOnDemand

@testable import ReverseProxy

/// Requests to a guest that sleeps, through a real proxy; the test is PVE.
@Suite(.timeLimit(.minutes(5))) struct WakingTests {
  private static let html = "Accept: text/html\r\n"

  private static func get(_ path: String = "/", _ fields: String = "") -> String {
    "GET \(path) HTTP/1.1\r\nHost: photos\r\n\(fields)\r\n"
  }

  private static func serving(
    _ guest: SleepingGuest, _ route: RegisteredRoute,
    configure: (inout ProxyConfiguration) -> Void = { _ in }, _ body: (RunningProxy) async throws -> Void
  ) async throws {
    try await RunningProxy.serving([route], configure: configure, gates: guest.gates, body)
  }

  @Test func aProgramWaitsAndItsBodyArrivesOnce() async throws {
    let (guest, echo) = (SleepingGuest(), try await EchoUpstream())
    try await Self.serving(guest, try .waking(to: echo)) { proxy in
      let connection = try await proxy.connect()
      try await connection.send(
        "POST /upload HTTP/1.1\r\nHost: photos\r\nUser-Agent: curl/8\r\nContent-Length: 5\r\n\r\nhello")
      try await guest.isWished()
      #expect(guest.asked.map(\.client) == ["127.0.0.1 POST /upload (curl/8)"])
      #expect(guest.asked.map(\.isUnreachable) == [false])
      guest.show(GateStatus(.starting))
      guest.show(GateStatus(.waiting))
      #expect(echo.requests.isEmpty, "it is asked when it is up")
      guest.show(.up)
      #expect(try await connection.response()?.text == "echo")
      #expect(echo.requests.map(\.text) == ["hello"])
      #expect(guest.waiting == 0)
    }
  }

  /// The request is logged, and shown by `pvescout explain`.
  @Test func whatAClientCallsItselfCannotDriveATerminal() async throws {
    let (guest, echo) = (SleepingGuest(), try await EchoUpstream())
    try await Self.serving(guest, try .waking(to: echo)) { proxy in
      let connection = try await proxy.connect()
      try await connection.send(Self.get("/", "User-Agent: a\u{202E}b\u{9B}c\r\n"))
      try await guest.isWished()
      #expect(guest.asked.map(\.client) == ["127.0.0.1 GET / (a b c)"])
      guest.show(.up)
      #expect(try await connection.response()?.status == 200)
    }
  }

  @Test func twoHundredWantItOnce() async throws {
    let (guest, echo) = (SleepingGuest(), try await EchoUpstream())
    try await Self.serving(guest, try .waking(to: echo)) { proxy in
      var connections: [RawConnection] = []
      for number in 0..<200 {
        let connection = try await proxy.connect()
        try await connection.send(Self.get("/\(number)"))
        connections.append(connection)
      }
      try await guest.isWaitedFor(by: 200)
      try await guest.isWished()
      #expect(guest.asked.count == 1)
      guest.show(.up)
      for connection in connections { #expect(try await connection.response()?.status == 200) }
      #expect(Set(echo.requests.map(\.path)).count == 200)
    }
  }

  /// A guest with DHCP has no address before, and perhaps another one after.
  @Test func theTargetIsThatOfTheGuestThatIsUp() async throws {
    let (guest, echo) = (SleepingGuest(), try await EchoUpstream())
    let nowhere = try RegisteredRoute.waking(to: nil)
    try await Self.serving(guest, nowhere) { proxy in
      let connection = try await proxy.connect()
      try await connection.send(Self.get())
      try await guest.isWished()
      proxy.registry.apply(adding: [try .waking(to: echo)])
      guest.show(.up)
      #expect(try await connection.response()?.status == 200)
    }
  }

  @Test func aFailureIsSaidWithItsCause() async throws {
    let (guest, echo) = (SleepingGuest(), try await EchoUpstream())
    try await Self.serving(guest, try .waking(to: echo)) { proxy in
      let connection = try await proxy.connect()
      try await connection.send(Self.get())
      try await guest.isWished()
      guest.show(GateStatus(.failed, cause: "it is locked by PVE (backup)", until: Date().addingTimeInterval(3000)))
      for isLater in [false, true] {
        if isLater { try await connection.send(Self.get("/later", Self.html)) }
        let response = try #require(try await connection.response())
        #expect(response.status == 503)
        #expect((2000...3000).contains(Int(response["Retry-After"] ?? "") ?? 0))
        #expect(response.text.contains("it is locked by PVE (backup)"), "\(response.text)")
      }
      #expect(guest.asked.count == 1, "while it is not tried again, nobody asks for it")
    }
  }

  @Test func nobodyWaitsLongerThanWakeTimeout() async throws {
    let (guest, echo) = (SleepingGuest(), try await EchoUpstream())
    let route = try RegisteredRoute.waking(to: echo) { $0.wakeTimeout = .milliseconds(100) }
    try await Self.serving(guest, route) { proxy in
      let connection = try await proxy.connect()
      try await connection.send(Self.get())
      let response = try #require(try await connection.response())
      #expect(response.status == 503 && response["Retry-After"] == "2")
      #expect(response.text.contains("was not up in time"))
      #expect(guest.waiting == 0)
    }
  }

  /// The time between two bytes of a body begins when the body may come. A later request whose guest is up shows that
  /// it has passed.
  @Test func aBodyIsWaitedForWhenTheGuestIsUp() async throws {
    let (guest, echo) = (SleepingGuest(), try await EchoUpstream())
    let routes: [RegisteredRoute] = [try .waking(to: echo), try .http("plain", to: echo)]
    let configure = { (configuration: inout ProxyConfiguration) in configuration.timeouts.idle = .seconds(2) }
    try await RunningProxy.serving(routes, configure: configure, gates: guest.gates) { proxy in
      let (connection, late) = (try await proxy.connect(), try await proxy.connect())
      try await connection.send("POST / HTTP/1.1\r\nHost: photos\r\nContent-Length: 5\r\n\r\n")
      try await guest.isWished()
      try await late.send("POST / HTTP/1.1\r\nHost: plain\r\nContent-Length: 5\r\n\r\n")
      #expect(try await late.response()?.status == 408)
      try await connection.send("hello")
      guest.show(.up)
      let response = try await connection.response()
      #expect(response?.status == 200, "\(response?.text ?? "nothing")")
    }
  }

  /// Otherwise a limit that passes just before the guest is up would end the request while its upstream connects.
  @Test func noTimeLimitOfABodyGoesOnWhileItsGuestWakes() throws {
    let (guest, channel) = (SleepingGuest(), EmbeddedChannel())
    let services = try ProxyServices.forTest(gates: guest.gates)
    let target = Upstream.network(scheme: .http, host: "127.0.0.1", port: 9)
    services.registry.apply(adding: [try .waking(to: target)])
    let settings = ProxySettings(ProxyConfiguration(), identity: ProxyIdentity())
    let worker = ProxyWorker(eventLoop: channel.embeddedEventLoop, services: services, settings: settings)
    let client = ClientConnection(peer: worker.peer(of: channel, isSecure: false), worker: worker)
    try channel.pipeline.syncOperations.addHandler(client)
    try channel.writeInbound(ByteBuffer(string: "POST / HTTP/1.1\r\nHost: photos\r\nContent-Length: 5\r\n\r\n"))
    #expect(guest.waiting == 1)
    #expect(client.deadline == .distantFuture)
    _ = try channel.finish(acceptAlreadyClosed: true)
  }

  @Test func aClientThatGoesIsNotWaitedWith() async throws {
    let (guest, echo) = (SleepingGuest(), try await EchoUpstream())
    try await Self.serving(guest, try .waking(to: echo)) { proxy in
      let connection = try await proxy.connect()
      try await connection.send(Self.get())
      try await guest.isWaitedFor(by: 1)
      try await connection.reset()
      try await guest.isWaitedFor(by: 0)
    }
  }

  @Test func whoOnlyLooksWakesNothing() async throws {
    let (guest, echo) = (SleepingGuest(), try await EchoUpstream())
    try await Self.serving(guest, try .waking(to: echo)) { proxy in
      let connection = try await proxy.connect()
      try await connection.send(Self.get("/", "User-Agent: Uptime-Kuma/1.23\r\n"))
      let response = try #require(try await connection.response())
      #expect(response.status == 503 && response["Retry-After"] == "60")
      #expect(response.text.contains("this request does not wake it: monitoring programs only look"))
      #expect(guest.asked.isEmpty && guest.gates.gate(of: SleepingGuest.id)?.lastUse == nil)
      guest.show(.up)
      try await connection.send(Self.get("/", "User-Agent: Uptime-Kuma/1.23\r\n"))
      #expect(try await connection.response()?.status == 200)
      #expect(guest.gates.gate(of: SleepingGuest.id)?.lastUse == nil, "nor do they keep it awake")
      try await connection.send(Self.get())
      #expect(try await connection.response()?.status == 200)
      #expect(guest.gates.gate(of: SleepingGuest.id)?.lastUse != nil)
    }
  }

  @Test func whoIsNotAdmittedWakesNothing() async throws {
    let (guest, echo) = (SleepingGuest(), try await EchoUpstream())
    var route = try RegisteredRoute.waking(to: echo).route
    route.declaration.restriction = "middlewares restrict access"
    try await Self.serving(guest, RegisteredRoute(route)) { proxy in
      let connection = try await proxy.connect()
      try await connection.send(Self.get())
      #expect(try await connection.response()?.status == 403)
      #expect(guest.asked.isEmpty)
    }
  }

  @Test func aBrowserGetsThePageAndThenTheSite() async throws {
    let (guest, echo) = (SleepingGuest(), try await EchoUpstream())
    try await Self.serving(guest, try .waking(to: echo)) { proxy in
      let (connection, events) = (try await proxy.connect(), try await proxy.connect())
      try await connection.send(Self.get("/album", Self.html))
      let page = try #require(try await connection.response())
      #expect(page.status == 503 && page["Retry-After"] == "2" && page["Cache-Control"] == "no-store")
      #expect(page.text.contains("container 106 (photos) sleeps and is being woken."))
      let nonce = try #require(page["Content-Security-Policy"]?.firstMatch(of: /'nonce-([0-9a-z]+)'/)?.output.1)
      #expect(page.text.contains("<script nonce=\"\(nonce)\">"))
      try await guest.isWished()
      #expect(guest.asked.count == 1)
      guest.show(GateStatus(.starting))
      try await events.send(Self.get(WakeDemand.eventsPath, "Sec-Fetch-Site: same-origin\r\n"))
      let head = try #require(try await events.head())
      #expect(head["Content-Type"] == "text/event-stream" && head["X-Accel-Buffering"] == "no")
      #expect(head["Access-Control-Allow-Origin"] == nil)
      let first = String(decoding: try #require(try await events.take(through: "\n\n")), as: UTF8.self)
      #expect(first.contains("event: state\ndata: {") && first.contains("is being started."), "\(first)")
      guest.show(GateStatus(.waiting))
      let second = String(decoding: try #require(try await events.take(through: "\n\n")), as: UTF8.self)
      #expect(second.contains("its service is about to answer"), "\(second)")
      guest.show(.up)
      let last = String(decoding: try #require(try await events.take(through: "\n\n")), as: UTF8.self)
      #expect(last.contains("event: ready"), "\(last)")
      try await connection.send(Self.get("/album", Self.html))
      #expect(try await connection.response()?.text == "echo")
      try await connection.send(Self.get(WakeDemand.eventsPath))
      #expect(try await connection.response()?.text == "echo", "awake, the path is the service's own")
    }
  }

  @Test func pagesOfOtherOriginsDoNotFollow() async throws {
    let (guest, echo) = (SleepingGuest(), try await EchoUpstream())
    try await Self.serving(guest, try .waking(to: echo)) { proxy in
      let connection = try await proxy.connect()
      try await connection.send(Self.get(WakeDemand.eventsPath, "Sec-Fetch-Site: cross-site\r\n"))
      #expect(try await connection.response()?.status == 503)
      #expect(guest.waiting == 0)
    }
  }

  /// Somebody stopped the guest by hand, and no poll has seen it.
  @Test func aGuestThatDoesNotAnswerIsAskedForWithTheRequestHeld() async throws {
    let guest = SleepingGuest(.up)
    let gone = try await EchoUpstream()
    let dead = try RegisteredRoute.waking(to: .network(scheme: .http, host: "127.0.0.2", port: gone.port))
    try await Self.serving(guest, dead) { proxy in
      let connection = try await proxy.connect()
      try await connection.send(Self.get())
      try await guest.isWished()
      #expect(guest.asked.map(\.isUnreachable) == [true])
      proxy.registry.apply(adding: [try .waking(to: gone)])
      guest.show(GateStatus(.starting))
      guest.show(.up)
      #expect(try await connection.response()?.status == 200)
    }
  }

  /// PVE says that it runs: the service is down for its own reasons, and PVE is left alone.
  @Test func aServiceThatIsDownIsSaidToBe() async throws {
    let (guest, begin) = (SleepingGuest(.up, isConfirmed: true), ContinuousClock.now)
    let free = try await EchoUpstream()
    let dead = try RegisteredRoute.waking(to: .network(scheme: .http, host: "127.0.0.2", port: free.port))
    try await Self.serving(guest, dead) { proxy in
      let connection = try await proxy.connect()
      for _ in 1...2 {
        try await connection.send(Self.get())
        #expect(try await connection.response()?.status != 200)
      }
      // Only a stalled machine takes so long that PVE is queried again.
      #expect(guest.asked.count == 1 || ContinuousClock.now - begin >= .seconds(5))
    }
  }

  /// Two services of one guest: the second one may need longer than the one that the guest was started for.
  @Test func aServiceThatComesUpLaterIsWaitedFor() async throws {
    let guest = SleepingGuest(isConfirmed: true)
    let late = try await EchoUpstream()
    let dead = try RegisteredRoute.waking(to: .network(scheme: .http, host: "127.0.0.2", port: late.port))
    try await Self.serving(guest, dead) { proxy in
      let connection = try await proxy.connect()
      try await connection.send(Self.get())
      try await guest.isWished()
      guest.show(GateStatus(.waiting))
      guest.show(.up)
      proxy.registry.apply(adding: [try .waking(to: late)])
      #expect(try await connection.response()?.status == 200)
      #expect(guest.asked.filter { !$0.isUnreachable }.count == 1)
    }
  }

  @Test func aGuestThatEndsWhileItsServiceIsTriedIsAskedForAgain() async throws {
    let guest = SleepingGuest()
    let free = try await EchoUpstream()
    let dead = try RegisteredRoute.waking(to: .network(scheme: .http, host: "127.0.0.2", port: free.port))
    try await Self.serving(guest, dead) { proxy in
      let connection = try await proxy.connect()
      try await connection.send(Self.get())
      try await guest.isWished()
      guest.show(GateStatus(.waiting))
      guest.show(.up)
      guest.show(GateStatus(.stopped))
      try await eventually("it is wanted again") { guest.asked.count == 2 ? () : nil }
      guest.show(GateStatus(.failed, cause: "it started and ended by itself"))
      let response = try #require(try await connection.response())
      #expect(response.status == 503)
      #expect(response.text.contains("it started and ended by itself"), "\(response.text)")
    }
  }

  @Test func aWebSocketWaitsAndItsBytesAreUse() async throws {
    let guest = SleepingGuest()
    let upstream = try await RawServer { connection in
      guard try await connection.head() != nil else { return }
      try await connection.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
      while let bytes = try await connection.take(5) { try await connection.send(bytes) }
    }
    let route = try RegisteredRoute.waking(
      to: .network(scheme: .http, host: upstream.host, port: upstream.port))
    try await Self.serving(guest, route) { proxy in
      let connection = try await proxy.connect()
      try await connection.send(Self.get("/", "Connection: Upgrade\r\nUpgrade: websocket\r\n" + Self.html))
      try await guest.isWished()
      guest.show(.up)
      #expect(try await connection.response()?.status == 101)
      let gate = try #require(guest.gates.gate(of: SleepingGuest.id))
      let before = try #require(gate.lastUse)
      try await connection.send("hello")
      #expect(try await connection.take(5) != nil)
      #expect(try #require(gate.lastUse) > before)
    }
  }

  /// One service that is away does not hold the clients of the others.
  @Test func aDoubtHoldsTheClientThatHasItAlone() async throws {
    let (guest, echo) = (SleepingGuest(.up), try await EchoUpstream())
    let away = try RegisteredRoute.waking("away", to: .network(scheme: .http, host: "127.0.0.2", port: echo.port))
    try await RunningProxy.serving([try .waking(to: echo), away], gates: guest.gates) { proxy in
      let doubting = try await proxy.connect()
      try await doubting.send("GET / HTTP/1.1\r\nHost: away\r\n\r\n")
      try await guest.isWaitedFor(by: 1)
      guest.show(GateStatus(.checking))
      let other = try await proxy.connect()
      try await other.send(Self.get())
      #expect(try await other.response()?.text == "echo")
      #expect(guest.waiting == 1)
      guest.show(.up)
      #expect(try #require(try await doubting.response()).status != 200)
    }
  }

  @Test func aRequestBesideTheStartEndpointIsUse() async throws {
    let (guest, echo) = (SleepingGuest(.up), try await EchoUpstream())
    try await Self.serving(guest, try .waking(to: echo) { $0.startEndpoint = "/wake" }) { proxy in
      let connection = try await proxy.connect()
      try await connection.send(Self.get("/"))
      #expect(try await connection.response()?.text == "echo")
      #expect(guest.gates.gate(of: SleepingGuest.id)?.lastUse != nil)
      guest.show(GateStatus(.stopped))
      try await connection.send(Self.get("/"))
      #expect(try await connection.response()?.status == 503)
      #expect(guest.asked.isEmpty)
    }
  }

  /// Clients connect again faster than the agent finds the guest behind a route, and a route may lose its link for a moment.
  @Test func whatBeganBeforeTheGuestWasKnownIsUse() async throws {
    let (guest, gate) = (SleepingGuest(.up), Gate())
    let server = try await RawServer { connection in
      _ = try await connection.take(through: "\r\n\r\n")
      try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhell")
      try await gate.wait()
      try await connection.send("o...")
      _ = try await connection.takeAll()
    }
    let photos = try #require(guest.gates.gate(of: SleepingGuest.id))
    guest.gates.manage([])
    let route = try RegisteredRoute.waking(to: .network(scheme: .http, host: server.host, port: server.port)) {
      ($0.start, $0.idleTimeout) = (.never, nil)
    }
    try await Self.serving(guest, route) { proxy in
      let connection = try await proxy.connect()
      try await connection.send(Self.get())
      #expect(try await connection.take(through: "hell") != nil)
      #expect(photos.lastUse == nil)
      guest.gates.manage([SleepingGuest.id])
      #expect(guest.gates.gate(of: SleepingGuest.id) === photos)
      try await eventually("the download is seen to go on") { photos.lastUse }
      gate.open()
      #expect(try await connection.take(through: "o...") != nil)
    }
  }
}
