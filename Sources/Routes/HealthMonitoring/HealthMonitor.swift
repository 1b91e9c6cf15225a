import FoundationEssentials
package import HTTPTransport
package import Logging
package import RouteModel
import ServiceLifecycle
import Synchronization

/// Probes every route on its interval and updates its ``HealthCell``, with one scheduler for all.
///
/// A failure stops nothing: the route is probed again on its next turn.
package final class HealthMonitor: Service {
  /// Status changes, and failed probes (status unchanged, `lastChecked` newer), in order. For one reader; a slow one
  /// gets the newest 4096. It ends with ``run()``.
  package let changes: AsyncStream<HealthChange>
  private let sink: AsyncStream<HealthChange>.Continuation
  private let wakes: AsyncStream<Void>
  private let wake: AsyncStream<Void>.Continuation
  private let scheduler: Mutex<ProbeScheduler>
  /// The probes in progress by ticket, for cancellation.
  private let running = Mutex<[Int: Task<ProbeResult, Never>]>([:])
  private let prober: any Prober
  private let ownListener: OwnListener
  private let isBusy: IsBusy
  private let logger: Logger

  /// The name of the agent's own listener that is a route's target; nil for any other target.
  package typealias OwnListener = @Sendable (RouteID, Upstream) async -> String?

  /// Whether the proxy uses all the connections that an upstream may have (`max_conns_per_host`).
  package typealias IsBusy = @Sendable (Upstream) -> Bool

  /// - Parameters:
  ///   - ownListener: a target that is one is not a service, although it answers.
  ///   - isBusy: a busy target works, but would delay a probe: it is probed once it has a free connection, or if
  ///     nothing has been known of it for long.
  package convenience init(
    client: HTTPClient, ownListener: @escaping OwnListener = { _, _ in nil },
    isBusy: @escaping IsBusy = { _ in false }, logger: Logger
  ) {
    self.init(prober: UpstreamProber(client: client), ownListener: ownListener, isBusy: isBusy, logger: logger)
  }

  init(
    prober: any Prober, ownListener: @escaping OwnListener = { _, _ in nil },
    isBusy: @escaping IsBusy = { _ in false }, logger: Logger
  ) {
    (changes, sink) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(4096))
    (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    scheduler = Mutex(ProbeScheduler())
    (self.prober, self.ownListener, self.isBusy, self.logger) = (prober, ownListener, isBusy, logger)
  }

  /// Replaces the routes to watch. New routes are probed at once, as are those whose target or check changed; missing
  /// ones are dropped. A result for a previous target is dropped.
  ///
  /// A route with another upstream begins again with `unknown`. A route with another link keeps its state, which the
  /// new link explains, and is probed at once.
  package func watch(_ routes: [MonitoredRoute]) { change { $0.watch(routes, at: .now) } }

  /// Updates some of the routes: new, changed and removed ones. The cost is proportional to the changes.
  package func update(_ routes: [MonitoredRoute], removing ids: [RouteID] = []) {
    change { $0.update(routes, removing: ids, at: .now) }
  }

  /// Updates the states in PVE that explain failures: those of nodes ("node pve2 is offline"), and the times of recent
  /// guest starts. Starts longer ago than every grace period can be left out.
  package func pveStateChanged(nodes: [NodeID: NodeStatus], guestStarts: [GuestID: ContinuousClock.Instant]) {
    change { scheduler in
      scheduler.pveStateChanged(nodes: nodes, guestStarts: guestStarts, at: .now)
      return []
    }
  }

  /// Replaces the set of guests that the agent is starting: their routes are `starting`, not down.
  package func guestsAreBeingStarted(_ guests: Set<GuestID>) {
    change { scheduler in
      scheduler.guestsAreBeingStarted(guests, at: .now)
      return []
    }
  }

  /// Replaces the set of guests that are stopped until a request needs them: their routes are `napping`, and not
  /// probed.
  package func guestsAreNapping(_ guests: Set<GuestID>) { change { $0.guestsAreNapping(guests, at: .now) } }

  /// Statistics of the probes so far.
  package var load: ProbeLoad { scheduler.withLock { $0.load } }

  func restore(_ saved: [SavedHealth]) { scheduler.withLock { $0.restore(saved, at: Date()) } }
  func saved() -> [SavedHealth] { scheduler.withLock { $0.saved(at: .now) } }

  /// Probes until cancelled or shut down gracefully.
  package func run() async throws {
    await cancelWhenGracefulShutdown { await self.probeUntilCancelled() }
    sink.finish()
  }

  private func probeUntilCancelled() async {
    await withDiscardingTaskGroup { group in
      var alarm: ContinuousClock.Instant?
      var wakes = self.wakes.makeAsyncIterator()
      repeat {
        let now = ContinuousClock.now
        let turn = scheduler.withLock { $0.startTurn(at: now) }
        for job in turn.jobs {
          let probe = start(job)
          group.addTask { await self.finish(job, probe) }
        }
        for ticket in turn.cancelled { running.withLock { $0[ticket] }?.cancel() }
        if let set = alarm, set <= now { alarm = nil }
        // A premature or superfluous alarm only wakes the loop, which is cheaper than cancelling it.
        if let next = turn.next, alarm.map({ next < $0 }) ?? true {
          alarm = next
          group.addTask { await self.wake(at: next) }
        }
      } while await wakes.next() != nil
      group.cancelAll()
    }
  }

  private func wake(at instant: ContinuousClock.Instant) async {
    while ContinuousClock.now < instant, !Task.isCancelled {
      try? await Task.sleep(until: instant, tolerance: .milliseconds(1), clock: .continuous)
    }
    wake.yield()
  }

  /// A separate task, because a group cannot cancel a single child; ``finish(_:_:)`` waits for its end.
  func start(_ job: ProbeJob) -> Task<ProbeResult, Never> {
    let probe = Task {
      if let listener = await ownListener(job.route, job.target.upstream) {
        let reason = "the target \(job.target.upstream) is this agent itself (\(listener)), not a service"
        return ProbeResult(outcome: .impossible(reason: reason), memory: job.memory)
      }
      guard job.isOverdue || !isBusy(job.target.upstream) else {
        return ProbeResult(outcome: .abandoned, memory: job.memory)
      }
      return await prober.probe(job.target, memory: job.memory)
    }
    running.withLock { $0[job.ticket] = probe }
    return probe
  }

  private func finish(_ job: ProbeJob, _ probe: Task<ProbeResult, Never>) async {
    let result = await withTaskCancellationHandler {
      await probe.value
    } onCancel: {
      probe.cancel()
    }
    running.withLock { _ = $0.removeValue(forKey: job.ticket) }
    change { [$0.finish(job, result, at: .now)].compactMap { $0 } }
  }

  /// Yields the changes under the lock, so that their order is that of the cells' reports.
  private func change(_ body: (inout ProbeScheduler) -> [HealthChange]) {
    let (changes, needsTurn) = scheduler.withLock { scheduler in
      let changes = body(&scheduler)
      for change in changes { sink.yield(change) }
      return (changes, scheduler.needsTurn)
    }
    if needsTurn { wake.yield() }
    for change in changes where change.before.status != change.after.status { log(change) }
  }

  private func log(_ change: HealthChange) {
    // Every route has this change once after each start.
    let isFirstFinding = change.before.status == .unknown && change.after.status == .healthy
    logger.log(
      level: isFirstFinding ? .debug : .info, "health changed",
      metadata: [
        "route.alias": "\(change.id.alias)", "health.before": "\(change.before.status.rawValue)",
        "health.status": "\(change.after.status.rawValue)",
        "health.detail": "\(change.after.cause ?? change.after.detail)",
      ])
  }
}

/// A change of a route's health status, or a failed probe that did not change it.
package struct HealthChange: Sendable {
  package var id: RouteID
  package var before: HealthReport
  package var after: HealthReport

  package init(id: RouteID, before: HealthReport, after: HealthReport) {
    (self.id, self.before, self.after) = (id, before, after)
  }
}

/// Statistics of a monitor's probes.
package struct ProbeLoad: Hashable, Sendable {
  package var probes = 0
  /// The longest delay between a probe's due time and its start.
  package var worstLateness = Duration.zero

  mutating func record(lateness: Duration) {
    probes += 1
    worstLateness = max(worstLateness, lateness)
  }
}
