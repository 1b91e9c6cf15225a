package import RouteModel

/// The policies of all routes to one guest, combined.
package struct GuestPlan: Hashable, Sendable {
  /// Whether the cluster's entry says `control: true`.
  package var isAllowed: Bool
  /// Whether it says `control: {nodes: true}`.
  package var mayWakeNodes: Bool
  package private(set) var start = WakePolicy.Start.never
  /// The route that wants the start.
  package private(set) var starter: String?
  /// Nil if the guest is never stopped.
  package private(set) var idleTimeout: Duration?
  package private(set) var wakeTimeout = WakePolicy().wakeTimeout
  package private(set) var stopTimeout = WakePolicy().stopTimeout
  package private(set) var stopMethod = WakePolicy.StopMethod.stop
  package private(set) var idleCPU: Double?
  package private(set) var idleNetwork: Int?
  package private(set) var keepsExternal = false
  package private(set) var schedule: [WeeklyHours] = []
  package private(set) var wakesNode = false
  package private(set) var maxStartsPerHour = WakePolicy().maxStartsPerHour
  /// The targets by alias.
  package private(set) var targets: [String: ControlTarget] = [:]
  /// The routes that a route depends on, by its alias.
  private var dependencies: [String: [String]] = [:]

  package init(isAllowed: Bool, mayWakeNodes: Bool = false) {
    (self.isAllowed, self.mayWakeNodes) = (isAllowed, mayWakeNodes)
  }

  private var hasPolicy = false

  /// Adds a route. Of two settings, the one that keeps the guest running longer counts.
  package mutating func add(_ policy: WakePolicy?, route: String, target: ControlTarget) {
    targets[route] = target
    guard let policy else { return }
    if !policy.dependencies.isEmpty { dependencies[route] = policy.dependencies.map(\.alias) }
    let isFirst = !hasPolicy
    hasPolicy = true
    if policy.start > start { (start, starter) = (policy.start, route) }
    idleTimeout = isFirst ? policy.idleTimeout : Self.longest(idleTimeout, policy.idleTimeout)
    wakeTimeout = isFirst ? policy.wakeTimeout : max(wakeTimeout, policy.wakeTimeout)
    stopTimeout = isFirst ? policy.stopTimeout : max(stopTimeout, policy.stopTimeout)
    stopMethod = isFirst ? policy.stopMethod : Self.gentlest(stopMethod, policy.stopMethod)
    // A stricter threshold keeps it running longer.
    idleCPU = [idleCPU, policy.idleCPU].compactMap(\.self).min()
    idleNetwork = [idleNetwork, policy.idleNetwork].compactMap(\.self).min()
    keepsExternal = keepsExternal || policy.keepsExternal
    schedule += policy.schedule
    wakesNode = wakesNode || policy.wakesNode
    maxStartsPerHour = isFirst ? policy.maxStartsPerHour : min(maxStartsPerHour, policy.maxStartsPerHour)
  }

  /// The routes that are started first: those of one route, or of all if the start is for none of them alone.
  package func dependencies(for reason: ControlReason) -> [String] {
    // The dependencies of that route were started before it; those of other routes to its guest do not count.
    if case .dependency = reason { return [] }
    if let route = reason.route { return dependencies[route] ?? [] }
    return Set(dependencies.values.joined()).sorted()
  }

  /// A route that states no time keeps the guest running.
  private static func longest(_ left: Duration?, _ right: Duration?) -> Duration? {
    guard let left, let right else { return nil }
    return max(left, right)
  }

  private static func gentlest(_ left: WakePolicy.StopMethod, _ right: WakePolicy.StopMethod) -> WakePolicy.StopMethod {
    [.stop, .pause, .kill].first { $0 == left || $0 == right } ?? .stop
  }
}

/// A time of the week in the time zone of the agent.
package struct LocalTime: Hashable, Sendable {
  /// From 0 for Monday to 6.
  package var weekday: Int
  /// The minute of the day.
  package var minute: Int

  package init(weekday: Int, minute: Int) { (self.weekday, self.minute) = (weekday, minute) }
}
