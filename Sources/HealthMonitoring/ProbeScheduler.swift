import HTTPTransport
import RouteModel

/// One probe to run now.
struct ProbeJob: Sendable {
  var route: RouteID
  var ticket: Int
  var target: ProbeTarget
  var memory: ProbeMemory
}

/// Decides which route is probed when, and what becomes of the results. It knows no clock and starts nothing itself.
///
/// A route and target have one probe under way at most. A route whose target changes is probed at once, beside the probe
/// of its former target, whose result is dropped.
struct ProbeScheduler {
  private var watched: [RouteID: WatchedRoute] = [:]
  private var queue = DueQueue<(route: RouteID, ticket: Int)>()
  private var slots = ProbeSlots()
  private var clusterTrust: [ClusterName: TrustPolicy]
  private var nodes: [NodeID: NodeStatus] = [:]
  private var lastTicket = 0

  init(clusterTrust: [ClusterName: TrustPolicy]) { self.clusterTrust = clusterTrust }

  /// Keeps the state of routes that stay, begins with new ones, forgets the others. Linear in their number.
  mutating func watch(_ routes: [MonitoredRoute], at moment: Moment) -> [HealthChange] {
    var changes: [HealthChange] = []
    for route in routes {
      if let index = watched.index(forKey: route.id) {
        if let change = update(index, to: route, at: moment) { changes.append(change) }
      } else if let change = begin(route, at: moment) {
        changes.append(change)
      }
    }
    if watched.count > routes.count {
      let stated = Set(routes.map(\.id))
      watched = watched.filter { stated.contains($0.key) }
    }
    tidyQueue()
    return changes
  }

  mutating func trust(_ clusterTrust: [ClusterName: TrustPolicy], at moment: Moment) {
    self.clusterTrust = clusterTrust
    for index in watched.indices { _ = update(index, to: watched.values[index].route, at: moment) }
  }

  /// Explains anew, and looks at, the routes behind the nodes whose state changed.
  mutating func nodesChanged(_ states: [NodeID: NodeStatus], at moment: Moment) {
    let former = nodes
    nodes = states
    for index in watched.indices {
      guard let node = watched.values[index].route.link.resource?.node, former[node] != states[node] else { continue }
      _ = publish(index)
      probeNow(index, at: moment)
    }
  }

  /// The probes to start now, and when to ask again at the latest; nil: when something was changed or ended.
  mutating func take(at now: ContinuousClock.Instant) -> (jobs: [ProbeJob], next: ContinuousClock.Instant?) {
    var jobs: [ProbeJob] = []
    while let (due, place) = queue.first {
      guard let index = index(queued: place), let target = watched.values[index].target else {
        queue.removeFirst()
        continue
      }
      if due > now { return (jobs, due) }
      guard slots.take(place.ticket, at: now) else { return (jobs, slots.nextFree) }
      queue.removeFirst()
      watched.values[index].phase = .probing(ticket: place.ticket, again: false)
      jobs.append(
        ProbeJob(route: place.route, ticket: place.ticket, target: target, memory: watched.values[index].memory))
    }
    return (jobs, nil)
  }

  /// Takes in a result, unless its target has changed meanwhile.
  mutating func finish(_ job: ProbeJob, _ result: ProbeResult, at moment: Moment) -> HealthChange? {
    slots.release(job.ticket)
    guard let index = watched.index(forKey: job.route),
      case .probing(job.ticket, let again) = watched.values[index].phase
    else { return nil }
    watched.values[index].record(result, at: moment)
    enqueue(index, due: again ? moment.instant : watched.values[index].nextProbe(after: moment.instant))
    let (before, after) = publish(index)
    return switch result.outcome {
    case .failure, .impossible: HealthChange(id: job.route, before: before, after: after)
    default: before.status == after.status ? nil : HealthChange(id: job.route, before: before, after: after)
    }
  }
}

extension ProbeScheduler {
  private typealias Index = Dictionary<RouteID, WatchedRoute>.Index

  private mutating func begin(_ route: MonitoredRoute, at moment: Moment) -> HealthChange? {
    // Multiples of the golden ratio fall evenly into the interval, however many there are.
    let spread = (Double(lastTicket) * 0.618_033_988_749_895).truncatingRemainder(dividingBy: 1)
    lastTicket += 1
    let target = ProbeTarget(route, clusterTrust: clusterTrust)
    watched[route.id] = WatchedRoute(route, target, spread: spread, at: moment)
    guard let index = watched.index(forKey: route.id) else { return nil }
    probeNow(index, at: moment)
    return statusChange(index)
  }

  private mutating func update(_ index: Index, to route: MonitoredRoute, at moment: Moment) -> HealthChange? {
    let former = watched.values[index].target
    let target = ProbeTarget(route, clusterTrust: clusterTrust)
    let isDue = watched.values[index].update(route, target, at: moment)
    if target != former { watched.values[index].phase = .idle }
    if isDue { probeNow(index, at: moment) }
    return statusChange(index)
  }

  private mutating func probeNow(_ index: Index, at moment: Moment) {
    guard watched.values[index].target != nil else { return watched.values[index].phase = .idle }
    if case .probing(let ticket, _) = watched.values[index].phase {
      watched.values[index].phase = .probing(ticket: ticket, again: true)
    } else {
      enqueue(index, due: moment.instant)
    }
  }

  private mutating func enqueue(_ index: Index, due: ContinuousClock.Instant) {
    lastTicket += 1
    watched.values[index].phase = .queued(ticket: lastTicket)
    queue.insert((watched.keys[index], lastTicket), due: due)
  }

  private func index(queued place: (route: RouteID, ticket: Int)) -> Index? {
    guard let index = watched.index(forKey: place.route), case .queued(place.ticket) = watched.values[index].phase
    else { return nil }
    return index
  }

  /// Leaves the report in the route's cell; what stood there before and what stands there now.
  private func publish(_ index: Index) -> (before: HealthReport, after: HealthReport) {
    let entry = watched.values[index]
    let before = entry.route.cell.report
    let after = entry.report(node: entry.route.link.resource.flatMap { nodes[$0.node] })
    if before != after { entry.route.cell.report = after }
    return (before, after)
  }

  private func statusChange(_ index: Index) -> HealthChange? {
    let (before, after) = publish(index)
    return before.status == after.status ? nil : HealthChange(id: watched.keys[index], before: before, after: after)
  }

  /// Places of the past leave the queue when they come up; where they pile up before that, they leave here.
  private mutating func tidyQueue() {
    guard queue.count > 2 * watched.count + 64 else { return }
    let current = Set(watched.values.compactMap { if case .queued(let ticket) = $0.phase { ticket } else { nil } })
    queue.keep { current.contains($0.ticket) }
  }
}
