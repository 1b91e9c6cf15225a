import FoundationEssentials
package import HTTPTransport
package import Logging
package import RouteModel
import ServiceLifecycle
import Synchronization

/// Probes every route on its interval and keeps its ``HealthCell``. One scheduler for all.
///
/// A failed probe ends nothing: the route is probed again on its next turn, for ever.
package final class HealthMonitor: Service {
  /// Status changes, and failed probes (status unchanged, `lastChecked` newer), in order. For one reader, who finds the
  /// newest 4096 if he is late; it ends with ``run()``.
  package let changes: AsyncStream<HealthChange>
  private let sink: AsyncStream<HealthChange>.Continuation
  private let wakes: AsyncStream<Void>
  private let wake: AsyncStream<Void>.Continuation
  private let scheduler: Mutex<ProbeScheduler>
  /// The probes under way by ticket, to call them off.
  private let running = Mutex<[Int: Task<ProbeResult, Never>]>([:])
  private let prober: any Prober
  private let ownListener: OwnListener
  private let isBusy: IsBusy
  private let logger: Logger

  /// The name of the agent's own listener that a route's target is; nil where it is none.
  package typealias OwnListener = @Sendable (RouteID, Upstream) async -> String?

  /// Whether the proxy has all the connections in use that an upstream may have (`max_conns_per_host`).
  package typealias IsBusy = @Sendable (Upstream) -> Bool

  /// - Parameters:
  ///   - clusterTrust: the `tls` of each cluster, for a node's own API.
  ///   - ownListener: such a target is no service, although it answers.
  ///   - isBusy: such a target serves, and would let a probe wait: it is not probed until it serves fewer, or nothing is
  ///     known of it for long.
  package convenience init(
    client: HTTPClient, clusterTrust: [ClusterName: TrustPolicy], ownListener: @escaping OwnListener = { _, _ in nil },
    isBusy: @escaping IsBusy = { _ in false }, logger: Logger
  ) {
    self.init(
      prober: UpstreamProber(client: client), clusterTrust: clusterTrust, ownListener: ownListener, isBusy: isBusy,
      logger: logger)
  }

  init(
    prober: any Prober, clusterTrust: [ClusterName: TrustPolicy] = [:],
    ownListener: @escaping OwnListener = { _, _ in nil }, isBusy: @escaping IsBusy = { _ in false }, logger: Logger
  ) {
    (changes, sink) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(4096))
    (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    scheduler = Mutex(ProbeScheduler(clusterTrust: clusterTrust))
    (self.prober, self.ownListener, self.isBusy, self.logger) = (prober, ownListener, isBusy, logger)
  }

  /// Sets the routes to watch: new ones are probed at once, those whose target or check changed too, missing ones are
  /// dropped; a result for a target that has changed meanwhile is dropped.
  ///
  /// A route whose upstream changed begins anew with `unknown`. One whose link changed keeps its state, is explained by
  /// the new link at once and probed at once.
  package func watch(_ routes: [MonitoredRoute]) { change { $0.watch(routes, at: .now) } }

  /// The same for some of the routes to watch: new ones and changed ones, and those that are dropped. It costs what changes.
  package func update(_ routes: [MonitoredRoute], removing ids: [RouteID] = []) {
    change { $0.update(routes, removing: ids, at: .now) }
  }

  /// New trust of clusters after a reload.
  package func trust(_ clusterTrust: [ClusterName: TrustPolicy]) {
    change { scheduler in
      scheduler.trust(clusterTrust, at: .now)
      return []
    }
  }

  /// What PVE says that explains failures: states of nodes ("node pve2 is offline"), and when guests started that did so
  /// lately; those that started longer ago than any grace need not be told.
  package func surroundingsChanged(nodes: [NodeID: NodeStatus], guestStarts: [GuestID: ContinuousClock.Instant]) {
    change { scheduler in
      scheduler.surroundingsChanged(nodes: nodes, guestStarts: guestStarts, at: .now)
      return []
    }
  }

  /// The guests that the agent is starting: a route to one of them is `starting`, not down.
  package func guestsAreBeingStarted(_ guests: Set<GuestID>) {
    change { scheduler in
      scheduler.guestsAreBeingStarted(guests, at: .now)
      return []
    }
  }

  /// The guests that are stopped until a request needs them: a route to one of them is `napping`, and not probed.
  package func guestsAreNapping(_ guests: Set<GuestID>) { change { $0.guestsAreNapping(guests, at: .now) } }

  /// What its probes came to so far.
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
        let turn = scheduler.withLock { $0.take(at: now) }
        for job in turn.jobs {
          let probe = start(job)
          group.addTask { await self.finish(job, probe) }
        }
        for ticket in turn.cancelled { running.withLock { $0[ticket] }?.cancel() }
        if let set = alarm, set <= now { alarm = nil }
        // An alarm that proves too early or superfluous wakes the loop for nothing; that is cheaper than to call it off.
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

  /// A task of its own, as a group cannot cancel one child alone; ``finish(_:_:)`` waits for its end.
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

  /// Changes are handed on under the lock, so that their order is that of the cells' reports.
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
    // Every route goes this way once after each start.
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
