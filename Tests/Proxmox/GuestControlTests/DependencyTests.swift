import GuestControl
import RouteModel
import Testing

/// What a guest's routes depend on is started before it, whatever starts it.
@Suite("GuestMachine: dependencies") struct DependencyTests {
  private static let needsDB: WakePolicy = {
    var policy = WakePolicy()
    policy.dependencies = [.init(alias: "db", mustBeHealthy: true), .init(alias: "cache", mustBeHealthy: false)]
    return policy
  }()

  static let reasons: [ControlReason] = [
    Drill.start, .command("root"), .onLoad(route: "photos"),
  ]

  @Test("PVE is asked once they are up, and not before", arguments: reasons)
  func comesAfter(reason: ControlReason) {
    var drill = Drill(Self.needsDB)
    let actions = drill.send(.start(reason))
    #expect(actions.preparations == [reason] && actions.calls.isEmpty)
    let names = reason.route == nil ? ["cache", "db"] : ["db", "cache"]
    #expect(drill.phase == .starting(.dependencies(names)))
    #expect(drill.send(.start(Drill.start)).preparations.isEmpty, "once")
    #expect(drill.send(.tick, after: .seconds(600)).calls.isEmpty, "how long they take is their own matter")
    #expect(drill.send(.prepared(number: 1, nil)).calls == [.start])
    drill.answer(.start, .task(Drill.upid), after: .seconds(170))
    drill.send(.connected(Drill.target, true))
    #expect(drill.phase == .ready, "its own time began when they were up")
  }

  @Test("on_load begins with them by itself") func onLoad() {
    var policy = Self.needsDB
    policy.start = .onLoad
    #expect(Drill(policy).phase == .starting(.dependencies(["db", "cache"])))
  }

  @Test("If one is not up, the guest is not started, and that is tried again later") func fails() {
    var drill = Drill(Self.needsDB)
    drill.send(.start(Drill.start))
    let failure = ControlFailure.dependency("db", "it is a template")
    #expect(drill.send(.prepared(number: 1, failure)).calls.isEmpty)
    #expect(drill.phase.failure == failure)
    #expect(failure.publicText == "db, which it depends on, is not ready")
    drill.send(.tick, after: .seconds(10))
    #expect(drill.send(.start(Drill.start)).preparations == [Drill.start])
  }

  @Test("A guest that runs is not held back for them, nor one that cannot be started") func isInNoNeed() {
    var running = Drill(Self.needsDB, status: .running)
    #expect(running.send(.start(Drill.start)).isEmpty)
    var locked = Drill(Self.needsDB)
    locked.change { $0.lock = "backup" }
    #expect(locked.send(.start(Drill.start)).preparations.isEmpty)
    #expect(locked.phase.failure == .locked("backup"))
  }

  @Test("An obstacle that appears during the wait is noticed") func looksAgain() {
    var drill = Drill(Self.needsDB)
    drill.send(.start(Drill.start))
    drill.change { $0.lock = "migrate" }
    #expect(drill.send(.prepared(number: 1, nil)).calls.isEmpty)
    #expect(drill.phase.failure == .locked("migrate"))
  }

  @Test("A stop ends the wait, and nothing is started when they are up") func isStopped() {
    var drill = Drill(Self.needsDB)
    drill.send(.start(Drill.start))
    drill.send(.stop(.command("root")))
    #expect(drill.phase == .stopped)
    #expect(drill.send(.prepared(number: 1, nil)).calls.isEmpty)
  }

  @Test("An answer to an earlier start is not taken for the later one's", arguments: [nil, ControlFailure.noRoute])
  func ignoresAnEarlierAnswer(failure: ControlFailure?) {
    var drill = Drill(Self.needsDB)
    drill.send(.start(Drill.start))
    drill.send(.stop(.command("root")))
    let later = ControlReason.command("root")
    #expect(drill.send(.start(later)).preparations == [later], "it depends on more")
    let waiting = drill.phase
    #expect(drill.send(.prepared(number: 1, failure)).isEmpty)
    #expect(drill.phase == waiting)
    #expect(drill.send(.prepared(number: 2, nil)).calls == [.start])
  }

  @Test("A route's request needs what that route depends on; a start of the guest what any does")
  func dependsOnTheReason() {
    var plan = GuestPlan(isAllowed: true)
    plan.add(Self.needsDB, route: "photos", target: .unknown)
    plan.add(WakePolicy(), route: "ssh", target: .unknown)
    #expect(plan.dependencies(for: .request(route: "ssh", client: "10.0.0.7")).isEmpty)
    #expect(plan.dependencies(for: Drill.start) == ["db", "cache"])
    #expect(plan.dependencies(for: .command("root")) == ["cache", "db"])
    // Else two guests whose routes need each other's would wait for each other.
    #expect(plan.dependencies(for: .dependency(of: "web")).isEmpty)
  }
}
