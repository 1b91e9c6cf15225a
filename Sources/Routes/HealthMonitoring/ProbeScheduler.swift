import FoundationEssentials
import RouteModel

/// One probe to run now.
struct ProbeJob: Sendable {
  var route: RouteID
  var ticket: Int
  var target: ProbeTarget
  var memory: ProbeMemory
  /// Whether nothing has been known for so long that the upstream is probed even if it is busy.
  var isOverdue = false
}

/// Decides when each route is probed, and applies the results. It has no clock and starts nothing itself.
///
/// A route has at most one probe in progress. If its target changes meanwhile, that probe is cancelled, its result
/// dropped, and the new target probed as soon as the old probe has ended.
struct ProbeScheduler {
  /// The actions that are due.
  struct Turn {
    var jobs: [ProbeJob] = []
    /// The tickets of probes in progress whose results are no longer needed.
    var cancelled: [Int] = []
    /// When to call again at the latest; nil means after the next change or end of a probe.
    var next: ContinuousClock.Instant?
  }

  /// The time between the probes of routes that all have to be probed at once.
  private static let spacing = Duration.milliseconds(4)
  /// Probes that are due within such a time are started together: waking threads costs more than the probes.
  private static let (minGrain, maxGrain) = (Duration.milliseconds(50), Duration.milliseconds(400))

  /// Unordered: the last route takes the place of a removed one. An array's elements are accessed in place; a
  /// dictionary would copy them.
  private var watched: [WatchedRoute] = []
  private var places: [RouteID: Int] = [:]
  private var archive = HealthArchive()
  private var queue = DueQueue<(route: RouteID, ticket: Int)>()
  private var slots = ProbeSlots()
  private var targetSlots: [Upstream: ProbeSlots] = [:]
  private var cancelled: [Int] = []
  private var nodes: [NodeID: NodeStatus] = [:]
  private var guestStarts: [GuestID: ContinuousClock.Instant] = [:]
  private var beingStarted: Set<GuestID> = []
  private var napping: Set<GuestID> = []
  private var lastTicket = 0
  /// The number of routes that one change requires to be probed at once.
  private var crowd = 0
  /// The number of routes with each interval.
  private var intervals: [Duration: Int] = [:]
  /// A small part of the shortest interval.
  private var grain = minGrain
  private(set) var load = ProbeLoad()
  /// When the next turn is due; nil if probes wait for others to end, or nothing is left to do.
  private var nextTurn: ContinuousClock.Instant?

  /// Keeps the state of routes that remain, adds new ones, and forgets the others. Linear in their number.
  mutating func watch(_ routes: [MonitoredRoute], at moment: Moment) -> [HealthChange] {
    let stated = Set(routes.map(\.id))
    return update(routes, removing: places.keys.filter { !stated.contains($0) }, at: moment)
  }

  /// Applies changes; other routes are not affected.
  mutating func update(_ routes: [MonitoredRoute], removing ids: [RouteID], at moment: Moment) -> [HealthChange] {
    var changes: [HealthChange] = []
    crowd = 0
    for id in ids { forget(id, at: moment) }
    for route in routes {
      count(route.check.interval, insteadOf: places[route.id].map { watched[$0].route.check.interval })
    }
    let part = (intervals.keys.min() ?? .zero) / 20
    grain = min(Self.maxGrain, max(Self.minGrain, part))
    // Many routes at once are most of those that there will be: growing step by step would reserve twice the memory.
    if routes.count > watched.count { watched.reserveCapacity(watched.count + routes.count) }
    for route in routes {
      if let index = places[route.id] {
        if let change = update(index, to: route, at: moment) { changes.append(change) }
      } else if let change = begin(route, at: moment) {
        changes.append(change)
      }
    }
    tidyQueue()
    return changes
  }

  private mutating func count(_ interval: Duration?, insteadOf former: Duration?) {
    guard interval != former else { return }
    if let interval { intervals[interval, default: 0] += 1 }
    if let former, let left = intervals[former] { intervals[former] = left > 1 ? left - 1 : nil }
  }

  /// Updates the causes of the routes behind changed nodes and started guests, and probes them.
  mutating func pveStateChanged(
    nodes: [NodeID: NodeStatus], guestStarts: [GuestID: ContinuousClock.Instant], at moment: Moment
  ) {
    let (formerNodes, formerStarts) = (self.nodes, self.guestStarts)
    (self.nodes, self.guestStarts) = (nodes, guestStarts)
    crowd = 0
    let restarted = Set(guestStarts.lazy.filter { Self.isOther($1, than: formerStarts[$0]) }.map(\.key))
    guard !restarted.isEmpty || nodes != formerNodes else { return }
    for index in watched.indices {
      guard let resource = watched[index].route.link.resource else { continue }
      let wasRestarted = resource.guest.map(restarted.contains) ?? false
      guard wasRestarted || formerNodes[resource.node] != nodes[resource.node] else { continue }
      _ = publish(index, at: moment)
      probeNow(index, at: moment)
    }
  }

  /// Updates the causes of the routes behind guests that the agent begins or ceases to start, and probes them.
  mutating func guestsAreBeingStarted(_ guests: Set<GuestID>, at moment: Moment) {
    let changed = guests.symmetricDifference(beingStarted)
    beingStarted = guests
    guard !changed.isEmpty else { return }
    crowd = 0
    for index in watched.indices {
      guard let guest = watched[index].route.link.resource?.guest, changed.contains(guest) else { continue }
      _ = publish(index, at: moment)
      probeNow(index, at: moment)
    }
  }

  /// Stops probing the routes behind napping guests, and probes those whose guests no longer nap.
  mutating func guestsAreNapping(_ guests: Set<GuestID>, at moment: Moment) -> [HealthChange] {
    let changed = guests.symmetricDifference(napping)
    napping = guests
    guard !changed.isEmpty else { return [] }
    crowd = 0
    var changes: [HealthChange] = []
    for index in watched.indices {
      guard let guest = watched[index].route.link.resource?.guest, changed.contains(guest) else { continue }
      watched[index].endNap(at: moment)
      probeNow(index, at: moment)
      if let change = statusChange(index, at: moment) { changes.append(change) }
    }
    return changes
  }

  /// Whether there are actions before the next turn is due.
  var needsTurn: Bool {
    guard cancelled.isEmpty, let nextTurn else { return true }
    return queue.first.map { $0.due + grain < nextTurn } ?? false
  }

  /// The probes to start now, in the order in which they were due.
  mutating func startTurn(at now: ContinuousClock.Instant) -> Turn {
    var turn = Turn(cancelled: cancelled)
    cancelled = []
    startDue(into: &turn, at: now)
    nextTurn = turn.next
    return turn
  }

  private mutating func startDue(into turn: inout Turn, at now: ContinuousClock.Instant) {
    while let (due, place) = queue.first {
      guard let index = index(queued: place), let target = watched[index].target else {
        queue.removeFirst()
        continue
      }
      turn.next = max(due, now + grain)
      if due > now { return }
      let earliest = reserveSlot(place.ticket, for: target.upstream, at: now)
      if let earliest {
        turn.next = earliest.ofAll
        guard let later = earliest.ofTarget else { return }
        // Other probes go first; this one keeps its due time.
        queue.removeFirst()
        queue.insert(place, due: later)
        continue
      }
      queue.removeFirst()
      turn.jobs.append(start(index, place, target, at: now))
    }
    turn.next = nil
  }

  /// Applies a result, unless the target has changed meanwhile.
  mutating func finish(_ job: ProbeJob, _ result: ProbeResult, at moment: Moment) -> HealthChange? {
    releaseSlot(job)
    guard let index = places[job.route],
      case .probing(job.ticket, let again) = watched[index].phase
    else { return nil }
    watched[index].phase = .idle
    // A probe that was in progress when the guest was stopped has no meaning.
    guard !pveState(index).isNapping else { return nil }
    guard job.target == watched[index].target else {
      if watched[index].target != nil { enqueue(index, due: moment.instant) }
      return nil
    }
    let pveState = pveState(index)
    watched[index].record(result, pveState, at: moment)
    enqueue(
      index, due: again ? moment.instant : watched[index].nextProbe(pveState, after: moment.instant))
    let (before, after) = publish(index, at: moment)
    return switch result.outcome {
    case .failure, .impossible: HealthChange(id: job.route, before: before, after: after)
    default: before.status == after.status ? nil : HealthChange(id: job.route, before: before, after: after)
    }
  }
}

// State that is kept across restarts.
extension ProbeScheduler {
  /// Restores saved histories; each is given to its route once that is watched. Times in the future come from a clock
  /// that was wrong.
  mutating func restore(_ saved: [SavedHealth], at date: Date) {
    for var saved in saved {
      saved.lastSeen = min(saved.lastSeen, date)
      archive.add(saved)
    }
  }

  mutating func saved(at moment: Moment) -> [SavedHealth] {
    watched.compactMap { $0.saved(at: moment) } + archive.tidied(at: moment.date)
  }

  private mutating func forget(_ id: RouteID, at moment: Moment) {
    guard let place = places.removeValue(forKey: id) else { return }
    let route = watched[place]
    if let last = watched.popLast(), place < watched.count {
      watched[place] = last
      places[last.route.id] = place
    }
    count(nil, insteadOf: route.route.check.interval)
    if case .probing(let ticket, _) = route.phase { cancelled.append(ticket) }
    if let saved = route.saved(at: moment) { archive.add(saved) }
  }
}

extension ProbeScheduler {
  private mutating func begin(_ route: MonitoredRoute, at moment: Moment) -> HealthChange? {
    // Multiples of the golden ratio are spread evenly over the interval, for any number of routes.
    let spread = (Double(lastTicket) * 0.618_033_988_749_895).truncatingRemainder(dividingBy: 1)
    lastTicket += 1
    let target = ProbeTarget(route)
    let index = watched.count
    places[route.id] = index
    watched.append(WatchedRoute(route, target, spread: spread, past: archive.remove(route.id), at: moment))
    probeNow(index, at: moment)
    return statusChange(index, at: moment)
  }

  private mutating func update(_ index: Int, to route: MonitoredRoute, at moment: Moment) -> HealthChange? {
    let former = watched[index].target
    let target = ProbeTarget(route)
    let isDue = watched[index].update(route, target, at: moment)
    if target != former, case .probing(let ticket, _) = watched[index].phase { cancelled.append(ticket) }
    if isDue || target == nil || isNapping(index) { probeNow(index, at: moment) }
    return statusChange(index, at: moment)
  }

  /// Probes the route at once. The routes of one change are probed one after the other, the last of them within its
  /// interval.
  private mutating func probeNow(_ index: Int, at moment: Moment) {
    let isProbing = if case .probing = watched[index].phase { true } else { false }
    if isNapping(index), watched[index].mayNap {
      if !isProbing { watched[index].phase = .idle }
      return watched[index].nap(at: moment)
    }
    guard watched[index].target != nil else {
      if !isProbing { watched[index].phase = .idle }
      return
    }
    if case .probing(let ticket, _) = watched[index].phase {
      watched[index].phase = .probing(ticket: ticket, again: true)
    } else {
      let delay = min(Self.spacing * crowd, watched[index].route.check.interval)
      crowd += 1
      enqueue(index, due: moment.instant + delay)
    }
  }

  private mutating func enqueue(_ index: Int, due: ContinuousClock.Instant) {
    lastTicket += 1
    watched[index].phase = .queued(ticket: lastTicket, due: CompactInstant(due))
    queue.insert((watched[index].route.id, lastTicket), due: due)
  }

  private func index(queued place: (route: RouteID, ticket: Int)) -> Int? {
    guard let index = places[place.route], case .queued(place.ticket, _) = watched[index].phase
    else { return nil }
    return index
  }

  private mutating func start(
    _ index: Int, _ place: (route: RouteID, ticket: Int), _ target: ProbeTarget, at now: ContinuousClock.Instant
  ) -> ProbeJob {
    if case .queued(_, let due) = watched[index].phase { load.record(lateness: now - due.instant) }
    watched[index].phase = .probing(ticket: place.ticket, again: false)
    return ProbeJob(
      route: place.route, ticket: place.ticket, target: target, memory: watched[index].memory,
      isOverdue: watched[index].isOverdue(at: now))
  }

  private func pveState(_ index: Int) -> PVEState {
    guard let resource = watched[index].route.link.resource else { return PVEState() }
    return PVEState(
      node: nodes[resource.node], guestStart: resource.guest.flatMap { guestStarts[$0] },
      isBeingStarted: resource.guest.map(beingStarted.contains) ?? false,
      isNapping: isNapping(index))
  }

  private func isNapping(_ index: Int) -> Bool {
    guard !napping.isEmpty, let guest = watched[index].route.link.resource?.guest else { return false }
    return napping.contains(guest)
  }

  /// Stores the report in the route's cell; returns the previous and the new one.
  private func publish(_ index: Int, at moment: Moment) -> (before: HealthReport, after: HealthReport) {
    let cell = watched[index].route.cell
    let before = cell.report
    // Lends the route: a copy would count dozens of references.
    let after = watched.span[index].report(pveState(index), at: moment)
    if before != after { cell.report = after }
    return (before, after)
  }

  private func statusChange(_ index: Int, at moment: Moment) -> HealthChange? {
    let (before, after) = publish(index, at: moment)
    return before.status == after.status ? nil : HealthChange(id: watched[index].route.id, before: before, after: after)
  }

  /// PVE counts the uptime in seconds and reports it late: times that differ by less are the same start.
  private static func isOther(
    _ start: ContinuousClock.Instant?, than former: ContinuousClock.Instant?
  ) -> Bool {
    guard let start else { return false }
    return former.map { abs(start.duration(to: $0) / .seconds(1)) > 30 } ?? true
  }

  /// Outdated entries are removed when they are due; if there are too many before that, they are removed here.
  private mutating func tidyQueue() {
    guard queue.count > 2 * watched.count + 64 else { return }
    var current: Set<Int> = []
    for index in watched.indices {
      if case .queued(let ticket, _) = watched[index].phase { current.insert(ticket) }
    }
    queue.keep { current.contains($0.ticket) }
  }
}

// Limits of concurrent probes.
extension ProbeScheduler {
  /// Reserves a slot for a probe. Nil if it succeeds, else the time of the next attempt: for this target, or for all.
  private mutating func reserveSlot(
    _ ticket: Int, for target: Upstream, at now: ContinuousClock.Instant
  ) -> (ofTarget: ContinuousClock.Instant?, ofAll: ContinuousClock.Instant?)? {
    guard targetSlots[target, default: .ofOneTarget].reserve(ticket, at: now) else {
      return (targetSlots[target]?.nextFree ?? now + ProbeSlots.freshPeriod, nil)
    }
    guard slots.reserve(ticket, at: now) else {
      releaseSlot(ticket, of: target)
      return (nil, slots.nextFree)
    }
    return nil
  }

  private mutating func releaseSlot(_ job: ProbeJob) {
    slots.release(job.ticket)
    releaseSlot(job.ticket, of: job.target.upstream)
  }

  private mutating func releaseSlot(_ ticket: Int, of target: Upstream) {
    targetSlots[target]?.release(ticket)
    if targetSlots[target]?.isEmpty ?? false { targetSlots[target] = nil }
  }
}
