import FoundationEssentials
package import Logging
package import ProxmoxAPI
package import ProxmoxInventory
package import RouteModel
import ServiceLifecycle
import Synchronization

/// Starts and stops guests: performs the actions of their machines, and publishes their state.
///
/// The only code that changes anything in PVE. An error of PVE is an event for the machine.
package actor GuestController: Service {
  /// The controller's connections to other modules.
  package struct Connections: Sendable {
    /// The client of the endpoint that answered last; nil while none has.
    package var client: @Sendable (ClusterName) async -> ProxmoxClient?
    /// Connects over TCP and returns whether that worked.
    package var connect: @Sendable (_ host: String, _ port: UInt16, _ timeout: Duration) async -> Bool
    /// Makes the discovery read the guest now.
    package var refresh: @Sendable (GuestID, _ isRunning: Bool) async -> Void
    package var localTime: @Sendable () -> LocalTime?
    /// Starts the dependencies of a guest's routes; returns the reason if they are not up.
    package var prepare: @Sendable (GuestController, GuestID, ControlReason) async -> ControlFailure?

    package init(
      client: @escaping @Sendable (ClusterName) async -> ProxmoxClient?,
      connect: @escaping @Sendable (String, UInt16, Duration) async -> Bool,
      refresh: @escaping @Sendable (GuestID, Bool) async -> Void,
      localTime: @escaping @Sendable () -> LocalTime? = { nil },
      prepare: @escaping @Sendable (GuestController, GuestID, ControlReason) async -> ControlFailure? = { _, _, _ in nil
      }
    ) {
      (self.client, self.connect, self.refresh, self.localTime) = (client, connect, refresh, localTime)
      self.prepare = prepare
    }
  }

  private typealias Job = (id: GuestID, action: GuestMachine.Action)

  /// Limit of concurrent changes: each occupies one of a node's three workers for a moment.
  private static let callsPerCluster = 4
  private static let connectTimeout = Duration.seconds(1)

  /// Every change of a report, in order. For one reader.
  package nonisolated let changes: AsyncStream<ControlReport>
  /// Yields when the state to be saved has changed. For one reader.
  nonisolated let savings: AsyncStream<Void>
  private let saving: AsyncStream<Void>.Continuation
  private let change: AsyncStream<ControlReport>.Continuation
  private let connections: Connections
  private let timing: GuestMachine.Timing
  private let logger: Logger
  private let jobs: AsyncStream<Job>
  private let job: AsyncStream<Job>.Continuation
  private let clients: (any GuestClients)?
  private nonisolated let published = Mutex<[GuestID: ControlReport]>([:])
  private var machines: [GuestID: GuestMachine] = [:]
  private var shown: [GuestID: GuestView] = [:]
  private var counts: [GuestID: ControlCounts] = [:]
  private var restored: [GuestID: SavedControl] = [:]
  private var inventory = InventorySnapshot.empty
  private var plans: [GuestID: GuestPlan] = [:]
  private var calls: [ClusterName: (running: Int, waiting: [Job])] = [:]

  /// - Parameter clients: nil without proxies.
  package init(
    connections: Connections, clients: (any GuestClients)? = nil, timing: GuestMachine.Timing = GuestMachine.Timing(),
    logger: Logger
  ) {
    (self.connections, self.clients, self.timing, self.logger) = (connections, clients, timing, logger)
    (jobs, job) = AsyncStream.makeStream()
    (changes, change) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1024))
    (savings, saving) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// The reports of all guests that the agent may start and stop.
  package nonisolated var reports: [GuestID: ControlReport] { published.withLock { $0 } }

  /// Nil for a guest that the agent may not start and stop.
  package nonisolated func report(of id: GuestID) -> ControlReport? { published.withLock { $0[id] } }

  /// Replaces the plans for guests by those of the current routes.
  ///
  /// - Parameter read: reads the plans, in the order of the calls, so that older plans never replace newer ones.
  package func update(plans read: @Sendable () -> [GuestID: GuestPlan]) {
    let (old, new) = (plans, read())
    plans = new
    for id in machines.keys where new[id] == nil && old[id] != nil { receive(.plan(nil), id) }
    for (id, plan) in new where old[id] != plan || machines[id] == nil {
      manage(id)
      receive(.plan(plan), id)
    }
  }

  package func update(inventory new: InventorySnapshot) {
    let old = inventory
    inventory = new
    for (id, machine) in machines {
      guard let facts = knownFacts(of: id) else { continue }
      // A status that was read too early to be trusted counts once it is read again.
      let isReadAgain = new.guest(id)?.freshness.asOf != old.guest(id)?.freshness.asOf
      if facts != machine.facts || isReadAgain { receive(.facts(facts), id) }
    }
  }

  /// Starts a guest, or joins a start in progress. Throws the reason if it is not started.
  package func start(_ id: GuestID, _ reason: ControlReason) throws(ControlFailure) -> ControlReport {
    try act(.start(reason), on: id)
  }

  /// Starts a guest that a client did not reach, unless it runs. Throws the reason if it is not started.
  package func reportUnreachable(_ id: GuestID, _ reason: ControlReason) throws(ControlFailure) -> ControlReport {
    try act(.unreachable(reason), on: id)
  }

  /// Shuts a guest down. Throws the reason if it is not shut down.
  package func stop(_ id: GuestID, _ reason: ControlReason) throws(ControlFailure) -> ControlReport {
    try act(.stop(reason), on: id)
  }

  private func act(_ event: GuestMachine.Event, on id: GuestID) throws(ControlFailure) -> ControlReport {
    guard let plan = plans[id] else { throw .noRoute }
    guard plan.isAllowed else { throw .notAllowed(id.cluster) }
    manage(id)
    receive(event, id)
    guard let machine = machines[id], let report = report(of: id) else { throw .noRoute }
    if let refusal = machine.refusal(of: event) { throw refusal }
    return report
  }

  /// Performs the actions of the machines until it is shut down; running tasks of PVE continue there.
  package func run() async throws {
    await withDiscardingTaskGroup { group in
      for await job in jobs.cancelOnGracefulShutdown() { group.addTask { await self.perform(job) } }
      group.cancelAll()
    }
    change.finish()
  }
}

// The machines.
extension GuestController {
  private func manage(_ id: GuestID) {
    guard machines[id] == nil else { return }
    var machine = GuestMachine(id, timing: timing, at: .now)
    if let saved = restored.removeValue(forKey: id) { machine.restore(saved, at: .now, date: Date()) }
    machines[id] = machine
    counts[id] = counts[id] ?? ControlCounts()
    if let facts = knownFacts(of: id) { receive(.facts(facts), id) }
  }

  private func forget(_ id: GuestID) {
    if let machine = machines.removeValue(forKey: id) { restored[id] = SavedControl(machine, at: .now, date: Date()) }
    published.withLock { $0[id] = nil }
    shown[id] = nil
  }

  /// Nil while its cluster has not been read, so that it is unknown whether the guest exists.
  private func knownFacts(of id: GuestID) -> GuestFacts?? {
    let facts = facts(of: id)
    return facts != nil || inventory.cluster(id.cluster)?.wasRead == true ? .some(facts) : nil
  }

  private func facts(of id: GuestID) -> GuestFacts? {
    inventory.guest(id).map { guest in
      GuestFacts(guest, node: inventory.node(NodeID(cluster: id.cluster, name: guest.node))?.status)
    }
  }

  private func receive(_ event: GuestMachine.Event, _ id: GuestID) {
    let isClosed = recordUse(of: id, before: event)
    if machines[id]?.plan?.schedule.isEmpty == false { machines[id]?.localTime = connections.localTime() }
    guard let before = machines[id]?.phase, let actions = machines[id]?.receive(event, at: .now),
      let machine = machines[id]
    else { return }
    count(machine, before: before)
    if machine.phase != before { saving.yield() }
    publish(machine, isChanged: actions.contains(.report))
    show(machine, after: event, isExpected: isClosed)
    for action in actions {
      switch action {
      case .report: log(machine)
      case .call: enqueue((id, action))
      case .connect, .prepare, .refresh, .wake: job.yield((id, action))
      }
    }
    // A start or stop in progress is followed to its end.
    if plans[id] == nil, !machine.phase.isBusy { forget(id) }
  }

  /// Closes the gate of a guest that may be stopped, so that the decision considers the last byte of every client.
  ///
  /// - Returns: whether clients are held back until they are shown the state of the guest.
  @discardableResult
  private func recordUse(of id: GuestID, before event: GuestMachine.Event) -> Bool {
    if case .activity = event { return false }
    guard let clients, let machine = machines[id], machine.phase.isUp, machine.plan?.idleTimeout != nil else {
      return false
    }
    var isClosed = false
    if case .idle = machine.phase, case .called = event { isClosed = true }
    if isClosed { clients.close(id) }
    if let time = clients.lastUse(of: id), time > machine.lastActivity { receive(.activity(at: time), id) }
    return isClosed
  }

  /// Shows the state to the clients that requested the guest, although it has not changed.
  private func show(_ machine: GuestMachine, after event: GuestMachine.Event, isExpected: Bool) {
    let view = GuestView(machine)
    switch event {
    case .start, .unreachable: break
    default: if shown[machine.id] == view, !isExpected { return }
    }
    shown[machine.id] = view
    clients?.show(view)
  }

  private func count(_ machine: GuestMachine, before: GuestPhase) {
    guard machine.phase != before else { return }
    switch machine.phase {
    case .starting(.task): counts[machine.id]?.starts += 1
    case .stopping(.some): counts[machine.id]?.stops += 1
    case .failed: counts[machine.id]?.failures += 1
    case .ready: if case .stopping = before { counts[machine.id]?.failures += 1 }
    default: break
    }
  }

  private func publish(_ machine: GuestMachine, isChanged: Bool) {
    let report = ControlReport(machine, counts[machine.id] ?? ControlCounts(), at: .now, date: Date())
    let before = published.withLock { published in
      defer { if isChanged || published[machine.id] == nil { published[machine.id] = report } }
      return published[machine.id]
    }
    // A guest that was found in the expected phase is not reported.
    if isChanged, before.map({ $0.state != report.state || $0.cause != report.cause }) ?? (report.state != "stopped") {
      change.yield(report)
    }
  }

  private func log(_ machine: GuestMachine) {
    var metadata: Logger.Metadata = ["pve.guest": "\(machine.id)"]
    switch machine.phase {
    case .starting(.requested):
      metadata["reason"] = "\(machine.reason?.description ?? "")"
      logger.notice("guest is being started", metadata: metadata)
    case .stopping(nil):
      metadata["reason"] = "\(machine.last?.reason ?? "")"
      logger.notice("guest is being shut down", metadata: metadata)
    case .failed(let failure, _):
      metadata["error"] = "\(failure)"
      logger.warning("guest is not started", metadata: metadata)
    case .ready where machine.remark != nil:
      metadata["remark"] = "\(machine.remark ?? "")"
      logger.warning("guest is up", metadata: metadata)
    default: logger.debug("guest is \(machine.phase.word)", metadata: metadata)
    }
  }
}

// Their actions.
extension GuestController {
  private func enqueue(_ job: Job) {
    var calls = self.calls[job.id.cluster] ?? (0, [])
    if calls.running < Self.callsPerCluster {
      calls.running += 1
      self.job.yield(job)
    } else {
      calls.waiting.append(job)
    }
    self.calls[job.id.cluster] = calls
  }

  private func finishCall(of cluster: ClusterName) {
    guard var calls = self.calls[cluster] else { return }
    if calls.waiting.isEmpty { calls.running -= 1 } else { job.yield(calls.waiting.removeFirst()) }
    self.calls[cluster] = calls
  }

  private func perform(_ job: Job) async {
    switch job.action {
    case .call(let call, let place):
      let result = await answer(to: call, place, job.id.cluster)
      finishCall(of: job.id.cluster)
      if Task.isCancelled { return }
      receive(.called(call, result), job.id)
    case .connect(let target):
      guard case .tcp(let host, let port) = target else { return }
      let isAnswered = await connections.connect(host, port, Self.connectTimeout)
      receive(.connected(target, isAnswered), job.id)
    case .prepare(let reason, let number):
      let failure = await connections.prepare(self, job.id, reason)
      if Task.isCancelled { return }
      receive(.prepared(number: number, failure), job.id)
    case .refresh(let isRunning): await connections.refresh(job.id, isRunning)
    case .wake(let time):
      if (try? await Task.sleep(until: time, clock: .continuous)) != nil { receive(.tick, job.id) }
    case .report: break
    }
  }

  private func answer(
    to call: GuestMachine.Call, _ place: GuestPlace, _ cluster: ClusterName
  ) async -> Result<GuestMachine.Answer, ProxmoxError> {
    guard let client = await connections.client(cluster) else {
      return .failure(.malformed("no endpoint of the cluster has answered yet"))
    }
    do throws(ProxmoxError) { return .success(try await client.answer(to: call, about: place)) } catch {
      return .failure(error)
    }
  }
}

// State that is kept across restarts.
extension GuestController {
  /// Restores the state from before a restart; call it before the first plan.
  func restore(_ saved: [SavedControl]) {
    restored = Dictionary(saved.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
  }

  var saved: [SavedControl] {
    for id in machines.keys { recordUse(of: id, before: .tick) }
    let current = machines.values.map { SavedControl($0, at: .now, date: Date()) }
    return (current + restored.values).filter(\.isWorthKeeping).sorted { $0.id < $1.id }
  }
}

extension ProxmoxClient {
  fileprivate func answer(
    to call: GuestMachine.Call, about guest: GuestPlace
  ) async throws(ProxmoxError) -> GuestMachine.Answer {
    switch call {
    case .start: return .task(try await start(guest))
    case .resume: return .task(try await resume(guest))
    case .suspend: return .task(try await suspend(guest))
    case .shutdown(let timeout, let force): return .task(try await shutdown(guest, timeout: timeout, force: force))
    case .task(let upid): return .state(of: try await state(of: upid))
    case .status: return .guest(try await status(of: guest))
    case .load: return .load(try await load(of: guest.vmid))
    case .wakeNode(let node):
      try await wake(node: node)
      return .done
    }
  }
}
