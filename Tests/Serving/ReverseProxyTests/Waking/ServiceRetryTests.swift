import NIOCore
import NIOEmbedded
import NIOPosix
import RouteModel
import RouteRegistry
import TestSupport
import Testing
import WakeOnDemand

@testable import ReverseProxy

/// Clients of a service that comes up after its guest: however many there are, one tries at a time.
@Suite(.timeLimit(.minutes(5))) struct ServiceRetryTests {
  private static func route(_ alias: String = "photos") throws -> RouteID {
    try RegisteredRoute.waking(alias, to: nil).id
  }
  private static let pause = TimeAmount.milliseconds(100)

  /// The clients of one service, on one event loop whose time the test moves.
  private final class Lab {
    let loop = EmbeddedEventLoop()
    let gate: GuestGate
    private(set) var clients: [ServiceRetry] = []
    /// By number, in order.
    private(set) var tries: [Int] = []
    private(set) var ends: [Int] = []

    init() throws {
      let gates = WakeGates()
      gates.permit(["home"])
      gates.manage([SleepingGuest.id])
      gates.show(.up, of: SleepingGuest.id)
      gate = try #require(gates.gate(of: SleepingGuest.id))
    }

    func add(_ count: Int, to alias: String = "photos", for time: TimeAmount = .seconds(180)) throws {
      let route = try route(alias)
      for _ in 0..<count {
        clients.append(ServiceRetry(for: route, of: gate, on: loop))
        #expect(fails(clients.count - 1, for: time))
      }
    }

    /// A client's try has failed.
    func fails(_ number: Int, for time: TimeAmount = .seconds(180)) -> Bool {
      clients[number].wait(pause, until: loop.now + time) { [unowned self] mayTry in
        if mayTry { tries.append(number) } else { ends.append(number) }
      }
    }

    func pass(_ time: TimeAmount = pause) { loop.advanceTime(by: time) }
  }

  @Test func oneTriesForAll() throws {
    let lab = try Lab()
    try lab.add(200)
    for round in 1...5 {
      lab.pass()
      #expect(lab.tries.count == round && Set(lab.tries).count == 1, "\(lab.tries)")
      let last = try #require(lab.tries.last)
      #expect(lab.fails(last))
    }
    #expect(lab.clients.allSatisfy { $0.isWaiting })
  }

  @Test func itsSuccessIsTheTurnOfAll() throws {
    let lab = try Lab()
    try lab.add(200)
    lab.pass()
    lab.clients[try #require(lab.tries.first)].end(hasAnswered: true)
    lab.loop.run()
    #expect(Set(lab.tries).count == 200 && lab.tries.count == 200)
    #expect(lab.gate.watcherCount == 0)
  }

  @Test func anotherOneTriesForAClientThatGoes() throws {
    let lab = try Lab()
    try lab.add(3)
    for _ in 0..<2 {
      lab.pass()
      lab.clients[try #require(lab.tries.last)].end(hasAnswered: false)
      lab.loop.run()
    }
    lab.pass()
    #expect(Set(lab.tries) == [0, 1, 2], "\(lab.tries)")
    lab.clients[try #require(lab.tries.last)].end(hasAnswered: false)
    try lab.add(1)
    lab.pass()
    #expect(lab.tries.last == 3, "a place that is free again is taken")
  }

  @Test func aWaitInVainEndsInTime() throws {
    let lab = try Lab()
    try lab.add(3, for: .seconds(1))
    lab.pass()
    #expect(lab.tries == [0])
    lab.pass(.seconds(1))
    #expect(lab.ends.sorted() == [1, 2])
    #expect(lab.gate.watcherCount == 0)
  }

  @Test func servicesDoNotWaitForEachOther() throws {
    let lab = try Lab()
    try lab.add(2)
    try lab.add(2, to: "admin")
    lab.pass()
    #expect(lab.tries.sorted() == [0, 2])
  }

  @Test(arguments: [
    (ProxyFailure.connectionLost, true), (.untrusted(reason: "it has expired"), true),
    (.badResponse("no status"), true),
    (.unreachable(.refused), false), (.overloaded, false), (.timedOut, false), (.clientTooSlow, false),
    (.noTarget(reason: "the link is open"), false), (.restricted(reason: "middlewares restrict access"), false),
    (.upstreamBusy(limit: 1), false),
  ])
  func onlyWhatAnUpstreamDidProvesThatItIsUp(failure: ProxyFailure, proves: Bool) {
    #expect(failure.provesConnection == proves)
  }

  @Test func aClientWaitsDuringItsTryUntilItIsConnected() throws {
    let lab = try Lab()
    let use = GuestUse(lab.gate, nil)
    #expect(!use.isWaiting(hasUpstream: false))
    try lab.add(1)
    use.retry = lab.clients[0]
    lab.pass()
    #expect(lab.tries == [0] && !lab.clients[0].isWaiting)
    #expect(use.isWaiting(hasUpstream: false))
    #expect(!use.isWaiting(hasUpstream: true))
    use.endRetry(hasAnswered: false)
    #expect(!use.isWaiting(hasUpstream: false))
  }

  /// The route admits the one that tries no longer, which says nothing of the service.
  @Test func aRefusalByTheProxyIsNoAnswerOfTheService() async throws {
    let (guest, echo) = (SleepingGuest(.up), try await EchoUpstream())
    let away = Upstream.network(scheme: .http, host: "127.0.0.2", port: echo.port)
    let route = try RegisteredRoute.waking(to: away)
    try await RunningProxy.serving([route], gates: guest.gates) { proxy in
      let gate = try #require(guest.gates.gate(for: route.route))
      let loop = MultiThreadedEventLoopGroup.singleton.next()
      let wait = { @Sendable in
        try await loop.submit {
          let retry = ServiceRetry(for: route.id, of: gate, on: loop)
          #expect(retry.wait(.hours(1), until: .distantFuture) { _ in })
          return NIOLoopBound(retry, eventLoop: loop)
        }.get()
      }
      // The client waits behind the first, and then tries before the second.
      let first = try await wait()
      let connection = try await proxy.connect()
      // The guest has just come up, so that the client tries again.
      guest.show(GateStatus(.waiting))
      guest.show(.up)
      try await connection.send("GET / HTTP/1.1\r\nHost: photos\r\n\r\n")
      try await guest.isWaitedFor(by: 1)
      try await loop.submit { first.value.end(hasAnswered: false) }.get()
      let second = try await wait()
      try await guest.isWaitedFor(by: 1)
      var stricter = route.route
      stricter.declaration.restriction = "middlewares restrict access"
      proxy.registry.apply(adding: [RegisteredRoute(stricter)])
      #expect(try await connection.response()?.status == 403)
      #expect(guest.waiting == 0, "the second tries next")
      #expect(try await loop.submit { second.value.isWaiting }.get(), "after its pause")
      try await loop.submit { second.value.end(hasAnswered: false) }.get()
    }
  }

  @Test func aGuestThatHasJustComeUpIsAskedForNowAndThen() throws {
    let gate = try Lab().gate
    gate.show(GateStatus(.waiting))
    let begin = NIODeadline.now()
    gate.show(.up)
    let next = { (seconds: Int64) in
      gate.nextAttempt(at: begin + .seconds(seconds), timeout: .seconds(180), hasReportedUnreachable: true)
    }
    let isAgain = { (attempt: GuestGate.NextAttempt) in if case .again = attempt { true } else { false } }
    #expect(isAgain(next(0)))
    #expect(next(60) == .whenChecked, "it may have ended again")
    gate.show(GateStatus(.checking))
    #expect(isAgain(next(60)), "one asks for all")
    gate.show(.up)
    #expect(isAgain(next(0)))
    #expect(next(60) == .whenChecked)
    for status in [GateStatus(.stopped), GateStatus(.failed)] {
      gate.show(status)
      #expect(next(0) == .whenChecked)
    }
  }

  @Test func asManyWaitAsForTheGuest() throws {
    let lab = try Lab()
    try lab.add(GuestGate.maxWaiting + 1)
    let route = try Self.route()
    let late = ServiceRetry(for: route, of: lab.gate, on: lab.loop)
    #expect(!late.wait(Self.pause, until: .distantFuture) { _ in })
    #expect(lab.gate.watch { _ in } == nil)
  }
}
