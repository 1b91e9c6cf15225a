import GuestControl
import ProxmoxAPI
import RouteModel

/// A machine, a clock that a test moves, and the guest behind both.
struct Drill {
  typealias Machine = GuestMachine

  static let target = ControlTarget.tcp(host: "10.0.0.6", port: 2283)
  static let start = ControlReason.request(route: "photos", client: "10.0.0.7")
  static let upid = task("vzstart")

  var machine: Machine
  var now = ContinuousClock.now
  var facts = GuestFacts(type: .lxc, node: "pve1", status: .stopped)

  init(
    _ policy: WakePolicy = WakePolicy(), target: ControlTarget = Self.target, isAllowed: Bool = true,
    mayWakeNodes: Bool = false, status: GuestStatus = .stopped
  ) {
    machine = Machine(GuestID(cluster: "home", vmid: 106), at: now)
    facts.status = status
    var plan = GuestPlan(isAllowed: isAllowed, mayWakeNodes: mayWakeNodes)
    plan.add(policy, route: "photos", target: target)
    send(.facts(facts))
    send(.plan(plan))
  }

  var phase: GuestPhase { machine.phase }

  static func task(_ type: String) -> UPID {
    guard let upid = UPID("UPID:pve1:0000246C:00055983:6B0B2A5D:\(type):106:power@pve!ptok:") else {
      preconditionFailure("this is a task's name")
    }
    return upid
  }

  @discardableResult
  mutating func send(_ event: Machine.Event, after pause: Duration = .zero) -> [Machine.Action] {
    now += pause
    return machine.receive(event, at: now)
  }

  mutating func change(_ body: (inout GuestFacts) -> Void) {
    body(&facts)
    send(.facts(facts))
  }

  @discardableResult
  mutating func answer(_ call: Machine.Call, _ answer: Machine.Answer, after pause: Duration = .zero) -> [Machine
    .Action]
  {
    send(.called(call, .success(answer)), after: pause)
  }

  @discardableResult
  mutating func fail(_ call: Machine.Call, _ error: ProxmoxError, after pause: Duration = .zero) -> [Machine.Action] {
    send(.called(call, .failure(error)), after: pause)
  }

  /// As far as PVE's task.
  mutating func begin(_ upid: UPID = Self.upid) {
    send(.start(Self.start))
    answer(.start, .task(upid), after: .milliseconds(50))
  }

  /// As far as the guest that runs.
  mutating func run(_ upid: UPID = Self.upid) {
    begin(upid)
    answer(.task(upid), .state(of: .succeeded(warnings: 0)), after: .seconds(1))
    answer(.status, .guest(GuestState(status: "running")), after: .milliseconds(50))
  }

  mutating func becomeReady() {
    run()
    send(.connected(Self.target, true), after: .milliseconds(100))
  }
}

extension [GuestMachine.Action] {
  var calls: [GuestMachine.Call] { compactMap { if case .call(let call, _) = $0 { call } else { nil } } }
  var preparations: [ControlReason] { compactMap { if case .prepare(let reason, _) = $0 { reason } else { nil } } }
  var connections: [ControlTarget] { compactMap { if case .connect(let target) = $0 { target } else { nil } } }
}

extension GuestPhase {
  var failure: ControlFailure? { if case .failed(let failure, _) = self { failure } else { nil } }
}
