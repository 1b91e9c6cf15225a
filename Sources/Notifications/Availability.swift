import RouteModel

/// Whether a route is up or down, as its health statuses tell one after the other.
///
/// `healthy` is up, `unhealthy` and `error` are down. The others say neither: what was known before holds.
struct Availability: Sendable {
  private enum Phase {
    case unseen
    case up
    case down(Notice.Downtime)
  }

  private var phase = Phase.unseen
  private var wasUp = false

  /// What there is to tell; nil where the route is as it was.
  mutating func take(_ observation: Observation) -> Notice? {
    switch (observation.status, phase) {
    case (.healthy, .unseen): return up(observation, after: nil)
    case (.healthy, .down(let downtime)): return up(observation, after: downtime)
    case (.unhealthy, .unseen), (.unhealthy, .up), (.error, .unseen), (.error, .up):
      phase = .down(Notice.Downtime(since: observation.since, cause: observation.cause))
      return Notice(.down, observation, isFirst: !wasUp)
    case (.healthy, .up), (.unhealthy, .down), (.error, .down): return nil
    case (.unknown, _), (.napping, _), (.starting, _): return nil
    }
  }

  private mutating func up(_ observation: Observation, after downtime: Notice.Downtime?) -> Notice {
    defer { (phase, wasUp) = (.up, true) }
    return Notice(.up, observation, isFirst: !wasUp, downtime: downtime)
  }
}
