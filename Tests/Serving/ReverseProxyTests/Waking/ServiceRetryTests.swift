import NIOCore
import NIOEmbedded
import RouteModel
import RouteRegistry
import Testing
import WakeOnDemand

/// Clients of a service that comes up after its guest: however many there are, one tries at a time.
@Suite(.timeLimit(.minutes(1))) struct ServiceRetryTests {
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

  @Test func asManyWaitAsForTheGuest() throws {
    let lab = try Lab()
    try lab.add(GuestGate.mostWaiting + 1)
    let route = try Self.route()
    let late = ServiceRetry(for: route, of: lab.gate, on: lab.loop)
    #expect(!late.wait(Self.pause, until: .distantFuture) { _ in })
    #expect(lab.gate.watch { _ in } == nil)
  }
}
