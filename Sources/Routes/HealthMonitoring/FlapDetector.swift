import RouteModel

/// Finds a status that changes all the time.
struct FlapDetector: Sendable {
  /// More changes than this within the window are flapping.
  static let tolerated = 4
  static let window = Duration.seconds(600)

  /// The newest last; no more than are needed to count.
  private var changes: [ContinuousClock.Instant] = []

  /// A service came or went.
  mutating func note(at instant: ContinuousClock.Instant) {
    changes.removeAll { $0 + Self.window < instant }
    changes.append(instant)
    if changes.count > 1000 { changes.removeFirst() }
  }

  func flapping(at now: ContinuousClock.Instant) -> HealthFlapping? {
    let recent = changes.count { $0 + Self.window >= now }
    guard recent > Self.tolerated else { return nil }
    return HealthFlapping(changes: recent, minutes: Int(Self.window.components.seconds / 60))
  }
}
