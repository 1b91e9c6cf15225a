import GuestControl
import ProxmoxAPI
import RouteModel
import Testing

@Suite("GuestMachine: starting") struct GuestMachineTests {
  @Test("Concurrent requests cause one call; each step follows PVE's answer")
  func startsOnce() {
    var drill = Drill()
    let calls = (0..<200).flatMap { _ in drill.send(.start(Drill.start)).calls }
    #expect(calls == [.start])
    #expect(drill.phase == .starting(.requested))
    #expect(drill.answer(.start, .task(Drill.upid), after: .milliseconds(50)).connections == [Drill.target])
    #expect(drill.phase == .starting(.task(Drill.upid)))
    #expect(drill.send(.tick, after: .milliseconds(500)).calls.isEmpty, "at most once a second")
    #expect(drill.send(.tick, after: .milliseconds(500)).calls == [.task(Drill.upid)])
    #expect(drill.answer(.task(Drill.upid), .state(of: .running)).calls.isEmpty)
    #expect(drill.send(.tick, after: .seconds(1)).calls == [.task(Drill.upid)])
    #expect(drill.answer(.task(Drill.upid), .state(of: .succeeded(warnings: 0))).calls == [.status])
    drill.answer(.status, .guest(GuestState(status: "running")))
    #expect(drill.phase == .waiting(since: drill.now))
    drill.send(.connected(Drill.target, false), after: .seconds(1))
    #expect(drill.phase.word == "waiting", "running is not ready")
    drill.send(.connected(Drill.target, true))
    #expect(drill.phase == .ready)
    #expect(drill.machine.startedBy == Drill.start)
  }

  @Test("The known address is tried every 100 ms from the start on, and an answer is enough")
  func connects() {
    var drill = Drill()
    drill.begin()
    drill.send(.connected(Drill.target, false), after: .milliseconds(1))
    #expect(drill.send(.tick, after: .milliseconds(98)).connections.isEmpty)
    #expect(drill.send(.tick, after: .milliseconds(1)).connections == [Drill.target])
    drill.send(.connected(Drill.target, true))
    #expect(drill.phase == .ready, "PVE's task may take longer")
  }

  @Test("An answer before PVE has begun the start is that of another machine")
  func ignoresEarlyAnswers() {
    var drill = Drill()
    #expect(drill.send(.start(Drill.start)).connections.isEmpty)
    drill.send(.connected(Drill.target, true))
    #expect(drill.phase == .starting(.requested))
  }

  @Test("Without an address the discovery is asked every second; without a port to try a running guest is ready")
  func looks() {
    var drill = Drill(target: .unknown)
    drill.run()
    #expect(drill.send(.tick, after: .seconds(1)).contains(.refresh(isRunning: true)))
    #expect(!drill.send(.tick, after: .milliseconds(500)).contains(.refresh(isRunning: true)))
    var plan = GuestPlan(isAllowed: true)
    plan.add(WakePolicy(), route: "photos", target: Drill.target)
    #expect(drill.send(.plan(plan)).connections == [Drill.target])
    var datagrams = Drill(target: .unprobed)
    datagrams.run()
    #expect(datagrams.phase == .ready)
  }

  static let refusals: [(ProxmoxError, ControlFailure)] = [
    (.forbidden(.init(path: "/vms/106", privileges: "VM.PowerMgmt"), "x"), .missingRight("VM.PowerMgmt on /vms/106")),
    (.server(status: 500, "CT is locked (backup)"), .locked("backup")),
    (.nodeUnreachable("595 No route to host"), .nodeUnreachable("595 No route to host")),
    (.server(status: 500, "cluster not ready - no quorum?"), .refused("cluster not ready - no quorum?")),
    (.unauthorized("no"), .clusterUnreachable("no")),
  ]

  @Test("What PVE refuses at once is an outcome of its own", arguments: refusals)
  func isRefused(error: ProxmoxError, cause: ControlFailure) {
    var drill = Drill()
    drill.send(.start(Drill.start))
    drill.fail(.start, error)
    #expect(drill.phase.failure == cause)
    #expect(drill.machine.last?.failure == cause.description)
  }

  static let ends: [(String, ControlFailure)] = [
    ("CT is locked (snapshot)", .locked("snapshot")), ("VM is locked (suspended)", .hibernated),
    ("you can't start a CT if it's a template", .template),
    ("startup for container '106' failed", .taskFailed("startup for container '106' failed")),
    ("ended without a status", .taskFailed("ended without a status")),
  ]

  @Test("So is the result of its task", arguments: ends)
  func taskFails(text: String, cause: ControlFailure) {
    var drill = Drill()
    drill.begin()
    drill.answer(.task(Drill.upid), .state(of: .failed(text)), after: .seconds(1))
    #expect(drill.phase.failure == cause)
  }

  @Test("A guest that runs already is waited for", arguments: [true, false])
  func isAlreadyRunning(atOnce: Bool) {
    var drill = Drill()
    if atOnce {
      drill.send(.start(Drill.start))
      drill.fail(.start, .server(status: 500, "CT 106 already running"))
    } else {
      drill.begin()
      drill.answer(.task(Drill.upid), .state(of: .failed("VM 106 already running")), after: .seconds(1))
    }
    #expect(drill.phase.word == "waiting")
  }

  @Test("A task that ends with warnings is a start with a remark")
  func warns() {
    var drill = Drill()
    drill.begin()
    drill.answer(.task(Drill.upid), .state(of: .succeeded(warnings: 2)), after: .seconds(1))
    #expect(drill.phase.word == "waiting")
    #expect(drill.machine.remark == "PVE's start task ended with 2 warnings: see its log")
  }

  static let obstacles: [(@Sendable (inout GuestFacts) -> Void, ControlFailure)] = [
    ({ $0.isTemplate = true }, .template), ({ $0.lock = "migrate" }, .locked("migrate")),
    ({ $0.lock = "suspended" }, .hibernated),
    ({ ($0.type, $0.status) = (.qemu, GuestStatus("paused")) }, .paused),
    ({ $0.nodeIsOffline = true }, .nodeOffline("pve1", canBeWoken: false)),
  ]

  @Test("A start that the inventory rules out is not tried", arguments: obstacles.indices)
  func isInTheWay(index: Int) {
    let (change, cause) = Self.obstacles[index]
    var drill = Drill()
    drill.change(change)
    #expect(drill.send(.start(Drill.start)).calls.isEmpty)
    #expect(drill.phase.failure == cause)
  }

  @Test("PVE's lock 'mounted' is no obstacle") func mounted() {
    var drill = Drill()
    drill.change { $0.lock = "mounted" }
    #expect(drill.send(.start(Drill.start)).calls == [.start])
  }

  @Test("Only what a route leads to in a cluster that allows it")
  func needsPermission() {
    var forbidden = Drill(isAllowed: false)
    #expect(forbidden.send(.start(.command("root"))).calls.isEmpty)
    #expect(forbidden.phase.failure == .notAllowed("home"))
    var lonely = Drill()
    lonely.send(.plan(nil))
    lonely.send(.start(.command("root")))
    #expect(lonely.phase.failure == .noRoute)
    var gone = Drill()
    gone.send(.facts(nil))
    gone.send(.start(Drill.start))
    #expect(gone.phase.failure == .gone)
  }

  @Test("A guest that was moved is read on its current node, and one without a node is gone")
  func follows() {
    var drill = Drill()
    drill.send(.start(Drill.start))
    #expect(drill.fail(.start, .notFound("Configuration file does not exist")).contains(.refresh(isRunning: false)))
    #expect(drill.phase.word == "starting")
    drill.facts.node = "pve2"
    let actions = drill.send(.facts(drill.facts), after: .seconds(2))
    #expect(actions.contains(.call(.start, GuestPlace(node: "pve2", vmid: 106, isQEMU: false))))
    drill.fail(.start, .notFound("Configuration file does not exist"))
    drill.send(.tick, after: .seconds(25))
    #expect(drill.phase.failure == .gone)
  }

  @Test("An answer that was lost is made up for by the guest's own state")
  func isUnclear() {
    var drill = Drill()
    drill.send(.start(Drill.start))
    drill.fail(.start, .malformed("half of it"))
    #expect(drill.phase == .starting(.unclear))
    #expect(drill.send(.tick, after: .seconds(1)).calls == [.status])
    #expect(drill.answer(.status, .guest(GuestState(status: "stopped"))).calls == [.start])
    drill.fail(.start, .malformed("half of it"))
    drill.send(.tick, after: .seconds(1))
    drill.answer(.status, .guest(GuestState(status: "running")))
    #expect(drill.phase.word == "waiting")
    #expect(drill.machine.starts.count == 1)
  }

  @Test("The end of an HA task is no start: the guest is followed for as long as the whole start may take")
  func followsHA() {
    var drill = Drill()
    let upid = Drill.task("hastart")
    drill.begin(upid)
    drill.answer(.task(upid), .state(of: .succeeded(warnings: 0)), after: .seconds(1))
    for _ in 0..<20 {
      #expect(drill.answer(.status, .guest(GuestState(status: "stopped")), after: .seconds(1)).calls == [.status])
    }
    drill.answer(.status, .guest(GuestState(status: "running")), after: .seconds(1))
    drill.send(.connected(Drill.target, true))
    #expect(drill.phase == .ready)
    var forgotten = Drill()
    forgotten.begin(upid)
    forgotten.answer(.task(upid), .state(of: .succeeded(warnings: 0)), after: .seconds(1))
    forgotten.send(.tick, after: .seconds(180))
    #expect(forgotten.phase.failure == .leftToHA)
  }

  @Test("A guest that ends by itself is not started again and again")
  func endsByItself() {
    var drill = Drill()
    drill.begin()
    drill.answer(.task(Drill.upid), .state(of: .succeeded(warnings: 0)), after: .seconds(1))
    for _ in 0..<3 { drill.answer(.status, .guest(GuestState(status: "stopped")), after: .seconds(1)) }
    #expect(drill.phase.failure == .endedByItself)
    #expect(drill.send(.start(Drill.start), after: .seconds(1)).calls.isEmpty)
  }

  @Test("A guest that dies while its port is waited for is found out")
  func diesWhileWaitedFor() {
    var drill = Drill()
    drill.run()
    drill.change { $0.status = .running }
    drill.now += .seconds(30)
    drill.facts.status = .stopped
    #expect(drill.send(.facts(drill.facts)).calls == [.status])
    for _ in 0..<3 { drill.answer(.status, .guest(GuestState(status: "stopped")), after: .seconds(1)) }
    #expect(drill.phase.failure == .endedByItself)
  }

  @Test("Without news of the lists, a guest whose port is waited for is asked itself from time to time")
  func diesUnlisted() {
    var drill = Drill()
    drill.run()
    #expect(drill.send(.tick, after: .seconds(19)).calls.isEmpty)
    #expect(drill.send(.tick, after: .seconds(1)).calls == [.status])
    for _ in 0..<3 { drill.answer(.status, .guest(GuestState(status: "stopped")), after: .seconds(1)) }
    #expect(drill.phase.failure == .endedByItself)
  }

  @Test("A guest that stops right after its start is asked itself, because the lists may be late")
  func stopsRightAfterItsStart() {
    var drill = Drill()
    drill.becomeReady()
    drill.change { $0.status = .stopped }
    #expect(drill.phase == .ready, "which is from before the start")
    drill.now += .seconds(2)
    drill.change { $0.status = .running }
    drill.facts.status = .stopped
    #expect(drill.send(.facts(drill.facts), after: .seconds(2)).calls == [.status])
    #expect(drill.phase.isUp, "clients are served until it has said so")
    drill.answer(.status, .guest(GuestState(status: "stopped")))
    #expect(drill.phase.failure == .endedByItself)
  }

  @Test("A guest that runs although the lists say otherwise stays up")
  func runsOn() {
    var drill = Drill()
    drill.becomeReady()
    drill.change { $0.status = .running }
    drill.change { $0.status = .stopped }
    drill.answer(.status, .guest(GuestState(status: "running")))
    #expect(drill.phase == .ready)
    drill.send(.facts(drill.facts), after: .seconds(70))
    #expect(drill.phase == .stopped, "by now they are right")
  }

  @Test("Outdated lists do not revive a guest that has just stopped")
  func staysEnded() {
    var drill = Drill()
    drill.becomeReady()
    drill.change { $0.status = .running }
    drill.send(.unreachable(Drill.start), after: .seconds(8))
    drill.answer(.status, .guest(GuestState(status: "stopped")))
    #expect(drill.phase.failure == .endedByItself)
    drill.send(.tick, after: .seconds(10))
    #expect(drill.phase == .stopped)
    drill.send(.facts(drill.facts), after: .seconds(10))
    #expect(drill.phase == .ready, "it was started by hand")
  }

  @Test("A start that takes longer than wake_timeout and then succeeds is found when it would be tried again")
  func succeedsLate() {
    var policy = WakePolicy()
    policy.wakeTimeout = .seconds(2)
    var drill = Drill(policy)
    drill.begin()
    drill.send(.tick, after: .seconds(2))
    #expect(drill.phase.failure == .didNotRun(within: .seconds(2)))
    drill.change { $0.status = .running }
    #expect(drill.send(.tick, after: .seconds(10)).calls.isEmpty)
    #expect(drill.phase == .ready)
  }

  @Test("PVE's task is followed to its end although the port answers before: its warning is not lost")
  func warnsLate() {
    var drill = Drill()
    drill.begin()
    drill.send(.connected(Drill.target, true), after: .milliseconds(100))
    #expect(drill.phase == .ready)
    #expect(drill.send(.tick, after: .seconds(1)).calls == [.task(Drill.upid)])
    drill.answer(.task(Drill.upid), .state(of: .running))
    #expect(drill.send(.tick, after: .seconds(1)).calls == [.task(Drill.upid)])
    let actions = drill.answer(.task(Drill.upid), .state(of: .succeeded(warnings: 1)))
    #expect(actions.contains(.report))
    #expect(drill.machine.remark == "PVE's start task ended with 1 warning: see its log")
    #expect(drill.send(.tick, after: .seconds(1)).calls.isEmpty)
    var hanging = Drill()
    hanging.begin()
    hanging.send(.connected(Drill.target, true), after: .milliseconds(100))
    #expect(hanging.send(.tick, after: .seconds(180)).calls.isEmpty, "not for longer than a start may take")
  }

  @Test("A task that fails although something answers is a start that failed, if the guest does not run")
  func failsLate() {
    for (status, failure) in [("stopped", ControlFailure.taskFailed("no")), ("running", nil)] {
      var drill = Drill()
      drill.begin()
      drill.send(.connected(Drill.target, true), after: .milliseconds(100))
      drill.send(.tick, after: .seconds(1))
      #expect(drill.answer(.task(Drill.upid), .state(of: .failed("no"))).calls == [.status])
      drill.answer(.status, .guest(GuestState(status: status)))
      #expect(drill.phase.failure == failure)
    }
  }

  @Test("The cause of a time-out is the missing step")
  func timesOut() {
    var silent = Drill()
    silent.run()
    silent.send(.tick, after: .seconds(180))
    #expect(silent.phase.failure == .doesNotAnswer("10.0.0.6:2283", within: .seconds(180)))
    var homeless = Drill(target: .unknown)
    homeless.run()
    homeless.send(.tick, after: .seconds(180))
    #expect(homeless.phase.failure == .hasNoAddress(within: .seconds(180)))
    var hanging = Drill()
    hanging.begin()
    hanging.send(.tick, after: .seconds(180))
    #expect(hanging.phase.failure == .didNotRun(within: .seconds(180)))
  }

  @Test("Failures back off ever longer, a command overrules that, and success ends it")
  func backsOff() {
    var drill = Drill()
    var pauses: [Duration] = []
    for _ in 0..<9 {
      drill.send(.start(Drill.start))
      drill.fail(.start, .server(status: 500, "no"))
      guard case .failed(_, let until) = drill.phase else { return #expect(Bool(false), "\(drill.phase)") }
      pauses.append(until - drill.now)
      #expect(drill.send(.start(Drill.start), after: .seconds(1)).calls.isEmpty)
      drill.now = until
      drill.send(.tick)
    }
    #expect(pauses == [10, 20, 40, 80, 160, 320, 600, 600, 600].map(Duration.seconds))
    drill.send(.start(Drill.start))
    drill.fail(.start, .server(status: 500, "no"))
    #expect(drill.send(.start(.command("root"))).calls == [.start])
    drill.answer(.start, .task(Drill.upid))
    drill.send(.connected(Drill.target, true))
    #expect(drill.phase == .ready)
  }

  @Test("max_starts_per_hour counts what PVE accepted, and not even a command overrules it")
  func limitsStarts() {
    var policy = WakePolicy()
    policy.maxStartsPerHour = 2
    var drill = Drill(policy)
    for _ in 0..<2 {
      drill.becomeReady()
      drill.change { $0.status = .running }
      drill.now += .seconds(100)
      drill.change { $0.status = .stopped }
      #expect(drill.phase == .stopped)
    }
    drill.send(.start(.command("root")))
    #expect(drill.phase.failure == .tooManyStarts(2))
    drill.send(.start(.command("root")), after: .seconds(60))
    #expect(drill.phase.failure == .tooManyStarts(2))
    #expect(drill.send(.tick, after: .seconds(3600)).calls.isEmpty)
    #expect(drill.send(.start(.command("root"))).calls == [.start])
  }

  @Test("An offline node is woken where route and cluster say so")
  func wakesNode() {
    var policy = WakePolicy()
    policy.wakesNode = true
    var drill = Drill(policy, mayWakeNodes: true)
    drill.change { $0.nodeIsOffline = true }
    #expect(drill.send(.start(Drill.start)).calls == [.wakeNode("pve1")])
    #expect(drill.answer(.wakeNode("pve1"), .done).calls.isEmpty)
    #expect(drill.send(.tick, after: .seconds(5)).calls.isEmpty, "it is asked once")
    drill.facts.nodeIsOffline = false
    #expect(drill.send(.facts(drill.facts), after: .seconds(40)).calls == [.start])
    var asleep = Drill(policy, mayWakeNodes: true)
    asleep.change { $0.nodeIsOffline = true }
    asleep.send(.start(Drill.start))
    asleep.send(.tick, after: .seconds(180))
    #expect(asleep.phase.failure == .nodeOffline("pve1", canBeWoken: true))
  }
}
