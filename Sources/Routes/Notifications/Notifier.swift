import FoundationEssentials
package import HTTPTransport
package import Logging
package import RouteModel
import ServiceLifecycle
import Synchronization

/// Notifies people and programs when routes go down or come up. Passing in an observation never blocks.
///
/// A failed delivery is retried with growing pauses; entries do not wait for each other.
package final class Notifier: Service {
  typealias Deliver = @Sendable (NotificationEntry.Channel, Notice) async -> DeliveryResult

  private let state: Mutex<NotificationState>
  let deliver: Deliver
  /// Nil if nothing is kept across restarts.
  private let keeper: NotificationKeeper?
  private let grace: Duration
  private let usualAnswer: Duration
  private let wakes: AsyncStream<Void>
  private let wake: AsyncStream<Void>.Continuation
  private let changes: AsyncStream<Void>
  private let changed: AsyncStream<Void>.Continuation
  private let isStopping = Atomic(false)
  private let logger: Logger

  /// The pause between saves of changes that do not lead to a notice, and between attempts to save after a failure.
  private static let pauseBetweenSaves = Duration.seconds(10)

  package convenience init(
    entries: [NotificationEntry], client: HTTPClient, keeper: NotificationKeeper? = nil, logger: Logger
  ) {
    self.init(entries: entries, keeper: keeper, logger: logger) { [logger] channel, notice in
      switch channel {
      case .webhook(let webhook): await webhook.deliver(notice, by: client)
      case .exec(let hook): await hook.deliver(notice, logger: logger)
      }
    }
  }

  /// - Parameters:
  ///   - grace: how long delivery may take once the agent stops.
  ///   - usualAnswer: a receiver that has not answered for this long may not have received the notice.
  init(
    entries: [NotificationEntry], limits: Outbox.Limits = Outbox.Limits(), grace: Duration = .seconds(5),
    usualAnswer: Duration = .seconds(2), keeper: NotificationKeeper? = nil, logger: Logger, deliver: @escaping Deliver
  ) {
    state = Mutex(NotificationState(entries, limits: limits))
    (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    (changes, changed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    (self.deliver, self.grace, self.usualAnswer) = (deliver, grace, usualAnswer)
    (self.keeper, self.logger) = (keeper, logger)
    if let keeper { state.withLock { $0.restore(keeper.load(), at: .now, Date()) } }
  }

  /// Applies changed entries; those that stay keep their delivery history.
  package func replace(_ entries: [NotificationEntry]) { change { $0.replace(entries) } }

  /// Records an observation of the monitor. Observations must arrive in the order in which they happened.
  package func record(_ observation: Observation) { change { $0.record(observation, at: .now) } }

  /// Forgets a removed route.
  package func forget(_ id: RouteID) { change { $0.forget(id) } }

  /// Forgets all saved routes except these, which still exist.
  package func forget(allBut ids: Set<RouteID>) { change { $0.forget(allBut: ids) } }

  /// - Parameter always: whether to save even if nothing has changed.
  private func save(always: Bool = false) async {
    await keeper?.save { [self] revision in
      state.withLock { state in
        guard state.revision != revision || always else { return nil }
        revision = state.revision
        return state.saved
      }
    }
  }

  /// Saves waiting notices, so that they are not lost with the agent. Only one save runs at a time, however much
  /// changes.
  private func saveChanges() async {
    for await _ in changes { await save() }
  }

  private func saveRepeatedly() async {
    while (try? await Task.sleep(for: Self.pauseBetweenSaves)) != nil { await save() }
  }

  /// The entries in force.
  var entries: [NotificationEntry] { state.withLock(\.entries) }

  /// A warning for each entry that fails now.
  package var problems: [Problem] { state.withLock(\.problems) }

  /// Delivers until cancelled. After a graceful shutdown, notices that are due are still attempted for a short while.
  package func run() async throws {
    await withGracefulShutdownHandler {
      await deliverUntilStopped()
    } onGracefulShutdown: { [self] in
      isStopping.store(true, ordering: .releasing)
      wake.yield()
    }
    await save(always: true)
    let left = state.withLock(\.count)
    if left > 0 { logger.warning("stopped before all notices were delivered", metadata: ["notices": "\(left)"]) }
  }

  private func deliverUntilStopped() async {
    await withDiscardingTaskGroup { group in
      group.addTask { await self.saveRepeatedly() }
      group.addTask { await self.saveChanges() }
      var alarm: ContinuousClock.Instant?
      var end: ContinuousClock.Instant?
      var wakes = self.wakes.makeAsyncIterator()
      var seen = (revision: 0, count: 0)
      repeat {
        let now = ContinuousClock.now
        let (jobs, due, isBusy, left) = state.withLock { state in
          let (jobs, due) = state.dueJobs(at: now)
          return (jobs, due, state.isBusy, (revision: state.revision, count: state.count))
        }
        for job in jobs { group.addTask { await self.perform(job) } }
        // Without notices, the periodic save is soon enough.
        if left.revision != seen.revision, left.count > 0 || seen.count > 0 { changed.yield() }
        seen = left
        if isStopping.load(ordering: .acquiring), end == nil { end = now + grace }
        if let end, !isBusy || end <= now { break }
        if let set = alarm, set <= now { alarm = nil }
        // A superfluous alarm wakes the loop for nothing, which is cheaper than cancelling it.
        if let next = end ?? due, alarm.map({ next < $0 }) ?? true {
          alarm = next
          group.addTask { await self.wake(at: next) }
        }
      } while await wakes.next() != nil
      group.cancelAll()
    }
  }

  private func wake(at instant: ContinuousClock.Instant) async {
    // A sleep can end slightly early by this clock: the loop would find nothing due and wait for an alarm that has
    // passed.
    while ContinuousClock.now < instant, !Task.isCancelled {
      try? await Task.sleep(until: instant, clock: .continuous)
    }
    wake.yield()
  }

  /// Saves the state before the delivery and after it, so that an agent that is killed neither repeats nor forgets the
  /// notice.
  private func perform(_ job: NotificationState.Job) async {
    await save()
    let result = await deliverNotingDelay(job)
    let outcome = state.withLock { $0.finish(job, result, at: .now) }
    if let outcome { log(outcome, of: job) }
    wake.yield()
  }

  private func deliverNotingDelay(_ job: NotificationState.Job) async -> DeliveryResult {
    await withTaskGroup(of: DeliveryResult?.self) { group in
      group.addTask { await self.deliver(job.entry.channel, job.notice) }
      group.addTask {
        guard (try? await Task.sleep(for: self.usualAnswer)) != nil else { return nil }
        self.change { $0.markOverdue(job) }
        return nil
      }
      var result: DeliveryResult?
      while result == nil, let next = await group.next() { result = next }
      group.cancelAll()
      return result ?? .failed(reason: "cancelled")
    }
  }

  private func change(_ body: (inout NotificationState) -> Void) {
    state.withLock { body(&$0) }
    wake.yield()
  }

  /// Logs one warning when an entry starts to fail, and one for each notice that is given up.
  private func log(_ outcome: Outbox.Outcome, of job: NotificationState.Job) {
    var metadata: Logger.Metadata = [
      "notify.name": "\(job.entry.name)", "notify.to": "\(job.entry.destination)",
      "route.alias": "\(job.notice.observation.id.alias)", "event": "\(job.notice.event.rawValue)",
    ]
    switch outcome {
    case .delivered(let failures):
      logger.log(level: failures == 0 ? .debug : .info, "notice delivered", metadata: metadata)
    case .postponed(let reason, let isNews, let pause):
      metadata["reason"] = "\(reason)"
      metadata["retry.seconds"] = "\(pause.components.seconds)"
      logger.log(level: isNews ? .warning : .debug, "notice not delivered, will try again", metadata: metadata)
    case .givenUp(let reason):
      metadata["reason"] = "\(reason)"
      logger.warning("notice given up", metadata: metadata)
    case .overtaken(let reason):
      metadata["reason"] = "\(reason)"
      logger.debug("notice not delivered, and overtaken", metadata: metadata)
    }
  }
}
