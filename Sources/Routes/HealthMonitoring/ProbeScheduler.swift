import FoundationEssentials
import HTTPTransport
import RouteModel

/// One probe to run now.
struct ProbeJob: Sendable {
  var route: RouteID
  var ticket: Int
  var target: ProbeTarget
  var memory: ProbeMemory
  /// Nothing was learnt for so long that the upstream is probed even if it is busy.
  var isOverdue = false
}

/// Decides which route is probed when, and what becomes of the results. It knows no clock and starts nothing itself.
///
/// A route has one probe under way at most: where its target changes meanwhile, that probe is called off, its result
/// dropped, and the new target probed as soon as it has ended.
struct ProbeScheduler {
  /// What has to be done now.
  struct Turn {
    var jobs: [ProbeJob] = []
    /// Probes under way whose results nobody wants any more, by ticket.
    var cancelled: [Int] = []
    /// When to ask again at the latest; nil: when something was changed or ended.
    var next: ContinuousClock.Instant?
  }

  /// Routes that have to be probed all at once are begun this far apart.
  private static let spacing = Duration.milliseconds(4)
  /// Probes that are due within so short a time are begun together: waking threads up costs more than the probes.
  private static let (shortestGrain, longestGrain) = (Duration.milliseconds(50), Duration.milliseconds(400))

  /// In no order: a route that goes leaves its place to the last one. An element of an array is looked at in place, where
  /// a dictionary's would be copied.
  private var watched: [WatchedRoute] = []
  private var places: [RouteID: Int] = [:]
  private var archive = HealthArchive()
  private var queue = DueQueue<(route: RouteID, ticket: Int)>()
  private var slots = ProbeSlots()
  private var targetSlots: [Upstream: ProbeSlots] = [:]
  private var cancelled: [Int] = []
  private var clusterTrust: [ClusterName: TrustPolicy]
  private var nodes: [NodeID: NodeStatus] = [:]
  private var guestStarts: [GuestID: ContinuousClock.Instant] = [:]
  private var beingStarted: Set<GuestID> = []
  private var napping: Set<GuestID> = []
  private var lastTicket = 0
  /// Routes to be probed at once because of one change.
  private var crowd = 0
  /// How many of the routes have each interval.
  private var intervals: [Duration: Int] = [:]
  /// A small part of the shortest interval.
  private var grain = shortestGrain
  private(set) var load = ProbeLoad()
  /// When the next turn is taken by itself; nil where probes wait for others to end, or nothing is left to do.
  private var nextTurn: ContinuousClock.Instant?

  init(clusterTrust: [ClusterName: TrustPolicy]) { self.clusterTrust = clusterTrust }

  /// Keeps the state of routes that stay, begins with new ones, forgets the others. Linear in their number.
  mutating func watch(_ routes: [MonitoredRoute], at moment: Moment) -> [HealthChange] {
    let stated = Set(routes.map(\.id))
    return update(routes, removing: places.keys.filter { !stated.contains($0) }, at: moment)
  }

  /// Takes over what changed; other routes stay as they are.
  mutating func update(_ routes: [MonitoredRoute], removing ids: [RouteID], at moment: Moment) -> [HealthChange] {
    var changes: [HealthChange] = []
    crowd = 0
    for id in ids { forget(id, at: moment) }
    for route in routes {
      count(route.check.interval, insteadOf: places[route.id].map { watched[$0].route.check.interval })
    }
    let part = (intervals.keys.min() ?? .zero) / 20
    grain = min(Self.longestGrain, max(Self.shortestGrain, part))
    // Many at once are most of those that there will be: growing step by step would leave room for as many again.
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

  mutating func trust(_ clusterTrust: [ClusterName: TrustPolicy], at moment: Moment) {
    self.clusterTrust = clusterTrust
    crowd = 0
    for index in watched.indices { _ = update(index, to: watched[index].route, at: moment) }
  }

  /// Explains anew, and looks at, the routes behind the nodes whose state changed and the guests that started.
  mutating func surroundingsChanged(
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

  /// The routes behind guests that the agent begins or ceases to start are explained anew, and looked at.
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

  /// The routes behind guests that sleep by design are not probed; behind those that do no longer, they are looked at.
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

  /// Whether there is something to do before the next turn comes by itself.
  var needsTurn: Bool {
    guard cancelled.isEmpty, let nextTurn else { return true }
    return queue.first.map { $0.due + grain < nextTurn } ?? false
  }

  /// The probes to start now, in the order in which they were due.
  mutating func take(at now: ContinuousClock.Instant) -> Turn {
    var turn = Turn(cancelled: cancelled)
    cancelled = []
    takeDue(into: &turn, at: now)
    nextTurn = turn.next
    return turn
  }

  private mutating func takeDue(into turn: inout Turn, at now: ContinuousClock.Instant) {
    while let (due, place) = queue.first {
      guard let index = index(queued: place), let target = watched[index].target else {
        queue.removeFirst()
        continue
      }
      turn.next = max(due, now + grain)
      if due > now { return }
      let earliest = takeSlot(place.ticket, for: target.upstream, at: now)
      if let earliest {
        turn.next = earliest.ofAll
        guard let later = earliest.ofTarget else { return }
        // Others go first; this one keeps the time at which it was due.
        queue.removeFirst()
        queue.insert(place, due: later)
        continue
      }
      queue.removeFirst()
      turn.jobs.append(start(index, place, target, at: now))
    }
    turn.next = nil
  }

  /// Takes in a result, unless its target has changed meanwhile.
  mutating func finish(_ job: ProbeJob, _ result: ProbeResult, at moment: Moment) -> HealthChange? {
    releaseSlot(job)
    guard let index = places[job.route],
      case .probing(job.ticket, let again) = watched[index].phase
    else { return nil }
    watched[index].phase = .idle
    // What a probe met that was under way when the guest was stopped says nothing.
    guard !surroundings(index).isNapping else { return nil }
    guard job.target == watched[index].target else {
      if watched[index].target != nil { enqueue(index, due: moment.instant) }
      return nil
    }
    let surroundings = surroundings(index)
    watched[index].record(result, surroundings, at: moment)
    enqueue(
      index, due: again ? moment.instant : watched[index].nextProbe(surroundings, after: moment.instant))
    let (before, after) = publish(index, at: moment)
    return switch result.outcome {
    case .failure, .impossible: HealthChange(id: job.route, before: before, after: after)
    default: before.status == after.status ? nil : HealthChange(id: job.route, before: before, after: after)
    }
  }
}

// What is kept over restarts.
extension ProbeScheduler {
  /// Takes histories of before; each is inherited by the route that it is about, once that is watched.
  /// Takes over what was saved; what lies in the future is of a clock that was ahead.
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
    // Multiples of the golden ratio fall evenly into the interval, however many there are.
    let spread = (Double(lastTicket) * 0.618_033_988_749_895).truncatingRemainder(dividingBy: 1)
    lastTicket += 1
    let target = ProbeTarget(route, clusterTrust: clusterTrust)
    let index = watched.count
    places[route.id] = index
    watched.append(WatchedRoute(route, target, spread: spread, past: archive.take(route.id), at: moment))
    probeNow(index, at: moment)
    return statusChange(index, at: moment)
  }

  private mutating func update(_ index: Int, to route: MonitoredRoute, at moment: Moment) -> HealthChange? {
    let former = watched[index].target
    let target = ProbeTarget(route, clusterTrust: clusterTrust)
    let isDue = watched[index].update(route, target, at: moment)
    if target != former, case .probing(let ticket, _) = watched[index].phase { cancelled.append(ticket) }
    if isDue || target == nil || surroundings(index).isNapping { probeNow(index, at: moment) }
    return statusChange(index, at: moment)
  }

  /// At once; many of one change one after the other, the last of them within its interval.
  private mutating func probeNow(_ index: Int, at moment: Moment) {
    let isProbing = if case .probing = watched[index].phase { true } else { false }
    if watched[index].mayNap, surroundings(index).isNapping {
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
    if case .queued(_, let due) = watched[index].phase { load.note(lateness: now - due.instant) }
    watched[index].phase = .probing(ticket: place.ticket, again: false)
    return ProbeJob(
      route: place.route, ticket: place.ticket, target: target, memory: watched[index].memory,
      isOverdue: watched[index].isOverdue(at: now))
  }

  private func surroundings(_ index: Int) -> Surroundings {
    guard let resource = watched[index].route.link.resource else { return Surroundings() }
    return Surroundings(
      node: nodes[resource.node], guestStart: resource.guest.flatMap { guestStarts[$0] },
      isBeingStarted: resource.guest.map(beingStarted.contains) ?? false,
      isNapping: resource.guest.map(napping.contains) ?? false)
  }

  /// Leaves the report in the route's cell; what stood there before and what stands there now.
  private func publish(_ index: Int, at moment: Moment) -> (before: HealthReport, after: HealthReport) {
    let cell = watched[index].route.cell
    let before = cell.report
    let after = watched[index].report(surroundings(index), at: moment)
    if before != after { cell.report = after }
    return (before, after)
  }

  private func statusChange(_ index: Int, at moment: Moment) -> HealthChange? {
    let (before, after) = publish(index, at: moment)
    return before.status == after.status ? nil : HealthChange(id: watched[index].route.id, before: before, after: after)
  }

  /// PVE counts the uptime in seconds and tells it late: what differs by less is the same start.
  private static func isOther(
    _ start: ContinuousClock.Instant?, than former: ContinuousClock.Instant?
  ) -> Bool {
    guard let start else { return false }
    return former.map { abs(start.duration(to: $0) / .seconds(1)) > 30 } ?? true
  }

  /// Places of the past leave the queue when they come up; where they pile up before that, they leave here.
  private mutating func tidyQueue() {
    guard queue.count > 2 * watched.count + 64 else { return }
    var current: Set<Int> = []
    for index in watched.indices {
      if case .queued(let ticket, _) = watched[index].phase { current.insert(ticket) }
    }
    queue.keep { current.contains($0.ticket) }
  }
}

// The limits.
extension ProbeScheduler {
  /// Nil where the probe has its slot. Else when to try again: for this target alone, or for everybody.
  private mutating func takeSlot(
    _ ticket: Int, for target: Upstream, at now: ContinuousClock.Instant
  ) -> (ofTarget: ContinuousClock.Instant?, ofAll: ContinuousClock.Instant?)? {
    guard targetSlots[target, default: .ofOneTarget].take(ticket, at: now) else {
      return (targetSlots[target]?.nextFree ?? now + ProbeSlots.patience, nil)
    }
    guard slots.take(ticket, at: now) else {
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
