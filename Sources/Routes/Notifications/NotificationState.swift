import FoundationEssentials
import RouteModel

/// All entries with their undelivered notices, and the state of all routes. Pure: the time is passed in.
struct NotificationState: Sendable {
  /// A delivery attempt that is due.
  struct Job: Hashable, Sendable {
    var entry: NotificationEntry
    var notice: Notice
  }

  private struct Recipient {
    var entry: NotificationEntry
    var outbox: Outbox
  }

  private let limits: Outbox.Limits
  /// Counts the changes of ``saved``.
  private(set) var revision = 0
  private var routes: [RouteID: Availability] = [:]
  /// Flapping routes, and when each may have settled.
  private var flapping: [RouteID: ContinuousClock.Instant] = [:]
  private var recipients: [Recipient] = []
  /// Undelivered notices from before the restart, until the route is found in the same state.
  private var undelivered: [RouteID: SavedAvailability.Undelivered] = [:]

  init(_ entries: [NotificationEntry], limits: Outbox.Limits = Outbox.Limits()) {
    self.limits = limits
    replace(entries)
  }

  /// Replaces all entries. An entry whose name is kept retains its notices and delivery history, and retries at once if
  /// its channel changed.
  mutating func replace(_ entries: [NotificationEntry]) {
    let old = recipients
    recipients = entries.map { entry in
      guard var kept = old.first(where: { $0.entry.name == entry.name }) else {
        return Recipient(entry: entry, outbox: Outbox(limits))
      }
      if kept.entry.channel != entry.channel { kept.outbox.retryNow() }
      kept.entry = entry
      return kept
    }
  }

  var entries: [NotificationEntry] { recipients.map(\.entry) }

  mutating func record(_ observation: Observation, at now: ContinuousClock.Instant) {
    let notice = routes[observation.id, default: Availability()].record(observation, at: now)
    flapping[observation.id] = routes[observation.id]?.due
    if let notice {
      undelivered[observation.id] = nil
      offer(notice)
    } else if let left = undelivered[observation.id],
      let notice = routes[observation.id]?.notice(of: left, observation, at: now)
    {
      undelivered[observation.id] = nil
      offer(notice, again: left.entries)
    }
  }

  private mutating func offer(_ notice: Notice, again entries: Set<String>) {
    revision += 1
    for index in recipients.indices where entries.contains(recipients[index].entry.name) {
      recipients[index].outbox.offer(notice, notifiesFirstUp: true, notifiesNeverUp: true)
    }
  }

  private mutating func offer(_ notice: Notice) {
    revision += 1
    for index in recipients.indices where recipients[index].entry.selection.contains(notice.observation.id) {
      let entry = recipients[index].entry
      recipients[index].outbox.offer(
        notice, notifiesFirstUp: entry.notifiesFirstUp, notifiesNeverUp: entry.notifiesNeverUp)
    }
  }

  /// Forgets all routes except these.
  mutating func forget(allBut ids: Set<RouteID>) {
    for id in routes.keys where !ids.contains(id) { forget(id) }
  }

  /// Forgets a removed route: a later route of the same name is a different one.
  mutating func forget(_ id: RouteID) {
    revision += 1
    routes[id] = nil
    undelivered[id] = nil
    flapping[id] = nil
    for index in recipients.indices { recipients[index].outbox.forget(id) }
  }

  /// Restores the routes' state from the agent's last run.
  mutating func restore(_ saved: [SavedAvailability], at now: ContinuousClock.Instant, _ date: Date) {
    for route in saved {
      guard let id = route.id else { continue }
      routes[id] = Availability(route, at: now, date)
      undelivered[id] = route.undelivered
    }
  }

  /// Sorted by route, with its undelivered notices.
  var saved: [SavedAvailability] {
    let pending = pending
    return routes.sorted { $0.key < $1.key }.compactMap { id, availability in
      var saved = availability.saved(id)
      saved?.undelivered = pending[id] ?? undelivered[id]
      return saved
    }
  }

  private var pending: [RouteID: SavedAvailability.Undelivered] {
    var pending: [RouteID: SavedAvailability.Undelivered] = [:]
    for recipient in recipients {
      for notice in recipient.outbox.pending {
        pending[notice.observation.id, default: SavedAvailability.Undelivered(notice, to: [])].entries
          .insert(recipient.entry.name)
      }
    }
    return pending
  }

  /// Returns the attempts that are due, and when the next one will be.
  mutating func dueJobs(at now: ContinuousClock.Instant) -> (jobs: [Job], next: ContinuousClock.Instant?) {
    settle(at: now)
    var (jobs, next) = ([Job](), flapping.values.min())
    for index in recipients.indices {
      switch recipients[index].outbox.next(at: now) {
      case .deliver(let notice):
        revision += 1
        jobs.append(Job(entry: recipients[index].entry, notice: notice))
      case .wait(let instant): next = min(next ?? instant, instant)
      case .rest: break
      }
    }
    return (jobs, next)
  }

  private mutating func settle(at now: ContinuousClock.Instant) {
    for id in flapping.filter({ $0.value <= now }).keys.sorted() {
      flapping[id] = nil
      if let notice = routes[id]?.settle(at: now) { offer(notice) }
    }
  }

  /// Nil if the entry has been removed in the meantime.
  mutating func finish(_ job: Job, _ result: DeliveryResult, at now: ContinuousClock.Instant) -> Outbox.Outcome? {
    change(of: job) { $0.finish(result, at: now) } ?? nil
  }

  /// Records that an attempt takes long: the notice may never have arrived.
  mutating func markOverdue(_ job: Job) { _ = change(of: job) { $0.markOverdue() } }

  private mutating func change<Result>(of job: Job, _ body: (inout Outbox) -> Result) -> Result? {
    guard let index = recipients.firstIndex(where: { $0.entry.name == job.entry.name }) else { return nil }
    let before = recipients[index].outbox.pending
    defer { if recipients[index].outbox.pending != before { revision += 1 } }
    return body(&recipients[index].outbox)
  }

  /// Whether a delivery attempt is in flight.
  var isBusy: Bool { recipients.contains { $0.outbox.isBusy } }

  /// The number of undelivered notices.
  var count: Int { recipients.reduce(0) { $0 + $1.outbox.count } }

  /// The entries that currently fail, as shown by `pvescout status`.
  var problems: [Problem] {
    recipients.compactMap { recipient in
      guard let trouble = recipient.outbox.trouble else { return nil }
      let (waiting, dropped) = (recipient.outbox.count, recipient.outbox.dropped)
      return Problem(
        .warning, at: recipient.entry.location,
        "notify '\(recipient.entry.name)' cannot deliver to \(recipient.entry.destination): \(trouble)"
          + (waiting == 0 ? "" : "; waiting: \(waiting)") + (dropped == 0 ? "" : "; dropped: \(dropped)"))
    }
  }
}
