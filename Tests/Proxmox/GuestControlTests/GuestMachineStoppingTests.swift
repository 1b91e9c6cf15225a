import FoundationEssentials
import HTTPTransport
import ProxmoxAPI
import RouteModel
import Testing

@testable import GuestControl

@Suite("GuestMachine: resting") struct GuestMachineStoppingTests {
  private static func idle(_ change: (inout WakePolicy) -> Void = { _ in }) -> WakePolicy {
    var policy = WakePolicy()
    policy.idleTimeout = .seconds(600)
    change(&policy)
    return policy
  }

  @Test("on_load starts a guest whenever it is found stopped, and not one that was stopped by a command")
  func onLoad() {
    var policy = WakePolicy()
    policy.start = .onLoad
    var drill = Drill(policy)
    #expect(drill.phase == .starting(.requested))
    drill.answer(.start, .task(Drill.upid))
    drill.send(.connected(Drill.target, true))
    #expect(drill.machine.startedBy == .onLoad(route: "photos"))
    drill.now += .seconds(100)
    drill.change { $0.status = .running }
    drill.change { $0.status = .stopped }
    #expect(drill.phase == .starting(.requested))
    drill.answer(.start, .task(Drill.upid))
    drill.send(.connected(Drill.target, true))
    drill.send(.stop(.command("root")), after: .seconds(100))
    drill.answer(.shutdown(timeout: .seconds(60), force: false), .task(Drill.task("vzshutdown")))
    drill.answer(.task(Drill.task("vzshutdown")), .state(of: .succeeded(warnings: 0)))
    drill.answer(.status, .guest(GuestState(status: "stopped")))
    drill.send(.tick, after: .seconds(100))
    drill.change { $0.status = .stopped }
    #expect(drill.phase == .stopped)
    #expect(drill.send(.start(.command("root"))).calls == [.start])
  }

  @Test("The lists of PVE lag: what they say right after a start or a stop is from before")
  func distrustsLists() {
    var drill = Drill()
    drill.becomeReady()
    drill.now += .seconds(10)
    drill.change { $0.uptimeIsOld() }
    #expect(drill.phase == .ready)
    drill.now += .seconds(70)
    drill.change { $0.status = .running }
    drill.change { $0.status = .stopped }
    #expect(drill.phase == .stopped)
  }

  @Test("It is stopped after a whole idle_timeout without a byte, however it was started")
  func stopsIdle() {
    var drill = Drill(Self.idle(), status: .running)
    #expect(drill.phase == .ready)
    #expect(drill.machine.startedBy == nil)
    drill.send(.tick, after: .seconds(599))
    drill.send(.activity(at: drill.now))
    #expect(drill.send(.tick, after: .seconds(599)).calls.isEmpty)
    #expect(drill.send(.tick, after: .seconds(1)).calls == [.status], "it is looked at once more")
    let calls = drill.answer(.status, .guest(GuestState(status: "running"))).calls
    #expect(calls == [.shutdown(timeout: .seconds(60), force: false)])
    #expect(drill.machine.last?.reason == "idle for 10 min")
    let upid = Drill.task("vzshutdown")
    drill.answer(.shutdown(timeout: .seconds(60), force: false), .task(upid))
    #expect(drill.answer(.task(upid), .state(of: .succeeded(warnings: 0)), after: .seconds(2)).calls == [.status])
    drill.answer(.status, .guest(GuestState(status: "stopped")))
    #expect(drill.phase == .stopped)
    // The list still says "running" for some seconds, although it was not started.
    drill.send(.facts(drill.facts), after: .seconds(5))
    #expect(drill.phase == .stopped)
  }

  @Test("Without idle_timeout nothing is ever stopped, and keep_external leaves alone what others started")
  func leavesRunning() {
    for policy in [WakePolicy(), Self.idle { $0.keepsExternal = true }] {
      var drill = Drill(policy, status: .running)
      #expect(drill.send(.tick, after: .seconds(1_000_000)).calls.isEmpty)
      #expect(drill.phase == .ready)
    }
  }

  @Test("CPU load and traffic outside the proxy, as reported by PVE, keep it awake")
  func countsUse() {
    for (share, isBusy) in [(0.2, true), (nil, true), (0.05, false), (0, false)] as [(Double?, Bool)] {
      var drill = Drill(Self.idle { $0.idleCPU = 0.05 }, status: .running)
      drill.send(.tick, after: .seconds(600))
      #expect(drill.answer(.status, .guest(GuestState(status: "running"))).calls == [.load])
      let calls = drill.answer(.load, .load(share)).calls
      #expect(calls == (isBusy ? [] : [.shutdown(timeout: .seconds(60), force: false)]), "\(String(describing: share))")
      #expect(drill.phase == (isBusy ? .ready : .stopping(nil)))
    }
    var network = Drill(Self.idle { $0.idleNetwork = 10_000 }, status: .running)
    network.send(.tick, after: .seconds(600))
    var reading = GuestState(status: "running")
    reading.networkBytes = 1_000_000
    network.answer(.status, .guest(reading))
    #expect(network.send(.tick, after: .seconds(10)).calls == [.status])
    reading.networkBytes = 1_200_000
    network.answer(.status, .guest(reading))
    #expect(network.phase == .ready)
  }

  @Test("An idle guest that must not be read stays up, and is not read repeatedly")
  func mayNotBeAsked() {
    let error = ProxmoxError.forbidden(nil, "Permission check failed")
    for call in [GuestMachine.Call.status, .load] {
      var drill = Drill(Self.idle { $0.idleCPU = 0.05 }, status: .running)
      #expect(drill.send(.tick, after: .seconds(600)).calls == [.status])
      if call == .load { drill.answer(.status, .guest(GuestState(status: "running"))) }
      #expect(drill.fail(call, error).calls.isEmpty)
      #expect(drill.phase == .ready)
      #expect(drill.send(.tick, after: .seconds(59)).calls.isEmpty)
      #expect(drill.send(.tick, after: .seconds(1)).calls == [.status])
    }
  }

  @Test("A byte while it is looked at calls the stop off")
  func wakesUpInTime() {
    var drill = Drill(Self.idle(), status: .running)
    drill.send(.tick, after: .seconds(600))
    drill.send(.activity(at: drill.now))
    #expect(drill.answer(.status, .guest(GuestState(status: "running"))).calls.isEmpty)
    #expect(drill.phase == .ready)
  }

  @Test("A shutdown that fails is no kill: the guest goes on, and it is tried again ever later")
  func failsToStop() {
    var drill = Drill(Self.idle(), status: .running)
    let (call, upid) = (GuestMachine.Call.shutdown(timeout: .seconds(60), force: false), Drill.task("vzshutdown"))
    drill.send(.tick, after: .seconds(600))
    drill.answer(.status, .guest(GuestState(status: "running")))
    drill.answer(call, .task(upid))
    drill.answer(.task(upid), .state(of: .failed("command 'lxc-stop' failed: got timeout")), after: .seconds(60))
    #expect(drill.phase == .ready)
    #expect(drill.machine.remark == "could not stop: it did not shut down within 60 s, and is left running")
    #expect(drill.send(.tick, after: .seconds(59)).calls.isEmpty)
    #expect(drill.send(.tick, after: .seconds(1)).calls == [.status])
    drill.answer(.status, .guest(GuestState(status: "running")))
    drill.answer(call, .task(upid))
    drill.send(.tick, after: .seconds(90))
    #expect(drill.phase == .ready, "a task that hangs ends the stop too")
    #expect(drill.send(.tick, after: .seconds(60)).calls.isEmpty)
    #expect(drill.send(.tick, after: .seconds(60)).calls == [.status])
  }

  @Test("A guest that was idle before a restart of the agent is not stopped because the agent started")
  func hasGraceAfterARestart() {
    var before = Drill(Self.idle(), status: .running)
    before.send(.tick, after: .seconds(590))
    let saved = SavedControl(before.machine, at: before.now, date: Date())
    #expect(saved.idle == 590)
    var after = Drill(Self.idle(), status: .unknown)
    after.machine.restore(saved, at: after.now, date: Date())
    after.change { $0.status = .running }
    #expect(after.send(.tick, after: .seconds(59)).calls.isEmpty)
    #expect(after.send(.tick, after: .seconds(1)).calls == [.status], "the clock went on where it was")
  }

  @Test("Idle time from before a restart does not count for a later run")
  func forgetsTheIdleTimeOfAnEarlierRun() {
    var before = Drill(Self.idle(), status: .running)
    before.send(.tick, after: .seconds(590))
    let saved = SavedControl(before.machine, at: before.now, date: Date())
    var after = Drill(Self.idle(), status: .unknown)
    after.machine.restore(saved, at: after.now, date: Date())
    after.change { $0.status = .stopped }
    after.send(.tick, after: .seconds(86_400))
    after.change { $0.status = .running }
    #expect(after.send(.tick, after: .seconds(599)).calls.isEmpty)
    #expect(after.send(.tick, after: .seconds(1)).calls == [.status])
  }

  @Test("A guest that is used again is saved as such at once, and one in use not every two seconds")
  func savesThatItIsUsed() {
    var drill = Drill(Self.idle(), status: .running)
    let early = SavedControl(drill.machine, at: drill.now, date: Date())
    let used = SavedControl(drill.machine, at: drill.now + .seconds(4), date: Date())
    drill.send(.tick, after: .seconds(590))
    let idle = SavedControl(drill.machine, at: drill.now, date: Date())
    #expect(SavedControl.hasBeenUsed([early], since: [idle]))
    #expect(!SavedControl.hasBeenUsed([early], since: [used]))
    #expect(!SavedControl.hasBeenUsed([idle], since: [early]))
  }

  @Test("In the hours of its schedule an idle guest stays up")
  func staysUpInItsHours() throws {
    let hours = try #require(WeeklyHours("Mon-Fri 08:00-22:00"))
    var drill = Drill(Self.idle { $0.schedule = [hours] }, status: .running)
    drill.machine.localTime = LocalTime(weekday: 4, minute: 21 * 60 + 58)
    #expect(drill.send(.tick, after: .seconds(3600)).calls.isEmpty)
    #expect(drill.send(.tick, after: .seconds(60)).calls.isEmpty)
    drill.machine.localTime = LocalTime(weekday: 4, minute: 22 * 60)
    #expect(drill.send(.tick, after: .seconds(60)).calls == [.status])
  }

  @Test("The state of a guest that a client cannot reach is read from PVE, and a stopped one is started")
  func isDoubted() {
    var drill = Drill(Self.idle(), status: .running)
    #expect(drill.send(.unreachable(Drill.start), after: .seconds(100)).calls == [.status])
    #expect(drill.machine.phase.isUp && drill.phase.word == "ready")
    drill.answer(.status, .guest(GuestState(status: "running")))
    #expect(drill.phase == .ready)
    drill.send(.unreachable(Drill.start), after: .seconds(100))
    drill.fail(.status, .forbidden(nil, "no"))
    #expect(drill.phase == .ready, "nothing will be known, and nothing is done")
    drill.send(.unreachable(Drill.start), after: .seconds(100))
    #expect(drill.answer(.status, .guest(GuestState(status: "stopped"))).calls == [.start], "the list says otherwise")
    #expect(drill.machine.last?.reason == "photos: 10.0.0.7")
  }

  @Test("While PVE cannot be asked about such a guest, as right after the start, it is asked again for a moment")
  func isDoubtedForAMoment() {
    var drill = Drill(Self.idle(), status: .running)
    drill.send(.unreachable(Drill.start), after: .seconds(100))
    drill.fail(.status, .malformed("no endpoint has answered yet"))
    #expect(drill.phase == .checking(Drill.start))
    #expect(drill.send(.tick, after: .seconds(1)).calls == [.status])
    drill.answer(.status, .guest(GuestState(status: "stopped")))
    #expect(drill.phase == .starting(.requested))
    var other = Drill(Self.idle(), status: .running)
    other.send(.unreachable(Drill.start), after: .seconds(100))
    #expect(other.fail(.status, .transport(.closed), after: .seconds(4)).calls == [.status])
    other.fail(.status, .transport(.closed), after: .seconds(1))
    #expect(other.phase == .ready, "nothing is known, and nothing is done")
  }

  @Test("A guest that ends soon after it was started for a client is not started for it again and again")
  func isNotStartedInALoop() {
    var drill = Drill()
    drill.becomeReady()
    drill.send(.unreachable(Drill.start), after: .seconds(5))
    drill.answer(.status, .guest(GuestState(status: "stopped")))
    #expect(drill.phase.failure == .endedByItself)
    var old = Drill()
    old.becomeReady()
    old.send(.unreachable(Drill.start), after: .seconds(500))
    #expect(old.answer(.status, .guest(GuestState(status: "stopped"))).calls == [.start])
  }

  @Test("A service that answers late is served in the end: its guest runs")
  func isUpAfterAFailure() {
    var drill = Drill()
    drill.run()
    drill.change { $0.status = .running }
    drill.send(.tick, after: .seconds(180))
    #expect(drill.phase.failure == .doesNotAnswer("10.0.0.6:2283", within: .seconds(180)))
    drill.send(.tick, after: .seconds(10))
    #expect(drill.phase == .ready)
  }

  @Test("stop_method says how", arguments: WakePolicy.StopMethod.allCases, GuestType.allCases)
  func stopMethods(method: WakePolicy.StopMethod, type: GuestType) {
    var drill = Drill(Self.idle { $0.stopMethod = method }, status: .running)
    drill.change { $0.type = type }
    let calls = drill.send(.stop(.command("root"))).calls
    let expected: GuestMachine.Call =
      method == .pause && type == .qemu ? .suspend : .shutdown(timeout: .seconds(60), force: method == .kill)
    #expect(calls == [expected])
  }

  @Test("A VM that was suspended in memory is resumed")
  func resumes() {
    var drill = Drill(Self.idle { $0.stopMethod = .pause })
    drill.change { ($0.type, $0.status) = (.qemu, GuestStatus("paused")) }
    #expect(drill.send(.start(Drill.start)).calls == [.resume])
  }

  @Test("A request during the stop starts it 30 s after its end")
  func rests() {
    var drill = Drill(Self.idle())
    drill.becomeReady()
    drill.send(.stop(.command("root")), after: .seconds(100))
    #expect(drill.send(.start(Drill.start)).calls.isEmpty)
    drill.answer(.shutdown(timeout: .seconds(60), force: false), .task(Drill.task("vzshutdown")))
    drill.answer(.task(Drill.task("vzshutdown")), .state(of: .succeeded(warnings: 0)))
    drill.answer(.status, .guest(GuestState(status: "stopped")))
    #expect(drill.phase == .starting(.resting(until: drill.now + .seconds(30))))
    #expect(drill.send(.tick, after: .seconds(29)).calls.isEmpty)
    #expect(drill.send(.tick, after: .seconds(1)).calls == [.start])
  }

  @Test("A guest with a lock is not stopped")
  func respectsLocks() {
    var drill = Drill(Self.idle(), status: .running)
    drill.change { $0.lock = "backup" }
    #expect(drill.send(.tick, after: .seconds(700)).calls.isEmpty)
    #expect(drill.send(.stop(.command("root"))).calls.isEmpty)
    #expect(drill.machine.last?.failure == ControlFailure.locked("backup").description)
  }

  @Test("Routes without a policy have no opinion, and the longest time counts")
  func mergesRoutes() {
    var plan = GuestPlan(isAllowed: true)
    plan.add(nil, route: "ssh", target: .unknown)
    plan.add(Self.idle(), route: "photos", target: .unknown)
    #expect(plan.idleTimeout == .seconds(600))
    plan.add(Self.idle { $0.idleTimeout = .seconds(60) }, route: "api", target: .unknown)
    #expect(plan.idleTimeout == .seconds(600))
    var always = WakePolicy()
    always.start = .onLoad
    plan.add(always, route: "db", target: .unknown)
    #expect(plan.idleTimeout == nil && plan.start == .onLoad && plan.starter == "db")
  }
}

extension GuestFacts {
  /// What a list says that is older than the start.
  fileprivate mutating func uptimeIsOld() { isHAManaged.toggle() }
}
