import FoundationEssentials
import RouteModel

/// Whether a route is up or down, derived from its health statuses in order.
///
/// `healthy` is up, `unhealthy` and `error` are down; any other status leaves the known state unchanged. For a flapping
/// route, the first change is reported, and then its state once it has been stable for ``calm``.
struct Availability: Sendable {
  private enum Phase {
    case unseen
    case up
    /// Indirect, because few routes are down.
    indirect case down(Notice.Downtime)
  }

  /// How long a flapping route must be stable before it is reported again.
  static let calm = Duration.seconds(600)

  private var phase = Phase.unseen
  private var wasUp = false
  private var isFlapping = false
  /// The last observation of a flapping route, which was not reported.
  private struct Held: Hashable {
    var observation: Observation
    var until: ContinuousClock.Instant
  }

  @Rare private var held: Held?

  /// When a held observation is due to be reported; nil if there is none.
  var due: ContinuousClock.Instant? { held?.until }

  init() {}

  /// Restores the state from the agent's last run. A time in the future comes from a clock that was ahead.
  init(_ saved: SavedAvailability, at now: ContinuousClock.Instant, _ date: Date) {
    phase =
      saved.downSince.map { since in
        let since = min(since, date)
        return .down(
          Notice.Downtime(since: since, start: now - .seconds(date.timeIntervalSince(since)), cause: saved.cause))
      } ?? .up
    wasUp = saved.wasUp
  }

  /// Nil if nothing is known yet.
  func saved(_ id: RouteID) -> SavedAvailability? {
    switch phase {
    case .unseen: nil
    case .up: SavedAvailability(id, wasUp: wasUp, downtime: nil)
    case .down(let downtime): SavedAvailability(id, wasUp: wasUp, downtime: downtime)
    }
  }

  /// Records an observation. Returns the notice to send; nil if the route is as it was.
  mutating func record(_ observation: Observation, at now: ContinuousClock.Instant) -> Notice? {
    guard observation.flapping != nil else {
      (isFlapping, held) = (false, nil)
      return change(to: observation, at: now)
    }
    if isFlapping {
      held = Held(observation: observation, until: now + Self.calm)
      return nil
    }
    isFlapping = true
    return change(to: observation, at: now)
  }

  /// The notice of a state from before the agent's restart that was not delivered to all entries, if the state is
  /// unchanged.
  func notice(
    of undelivered: SavedAvailability.Undelivered, _ observation: Observation, at now: ContinuousClock.Instant
  )
    -> Notice?
  {
    var observation = observation
    switch (observation.status, phase) {
    case (.healthy, .up):
      return Notice(.up, observation, isFirst: undelivered.isFirst, downtime: undelivered.downtime(at: now))
    case (.unhealthy, .down(let downtime)), (.error, .down(let downtime)):
      observation.since = downtime.since
      return Notice(.down, observation, isFirst: undelivered.isFirst)
    default: return nil
    }
  }

  /// Returns the notice for a route that has stopped flapping, if it changed.
  mutating func settle(at now: ContinuousClock.Instant) -> Notice? {
    guard let held, held.until <= now else { return nil }
    (isFlapping, self.held) = (false, nil)
    var settled = held.observation
    settled.flapping = nil
    // Since it was found so last.
    return change(to: settled, at: held.until - Self.calm)
  }

  private mutating func change(to observation: Observation, at now: ContinuousClock.Instant) -> Notice? {
    switch (observation.status, phase) {
    case (.healthy, .unseen): return up(observation, after: nil)
    case (.healthy, .down(var downtime)):
      downtime.end = now
      return up(observation, after: downtime)
    case (.unhealthy, .unseen), (.unhealthy, .up), (.error, .unseen), (.error, .up):
      phase = .down(Notice.Downtime(since: observation.since, start: now, cause: observation.cause))
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
