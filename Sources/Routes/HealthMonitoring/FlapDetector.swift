import RouteModel

/// Detects a status that changes too often.
struct FlapDetector: Sendable {
  /// More changes than this within the window are flapping.
  static let tolerated = 4
  static let window = Duration.seconds(600)

  /// The newest last, and only as many as are needed.
  private var changes: [ContinuousClock.Instant] = []

  /// Records that the service went up or down.
  mutating func record(at instant: ContinuousClock.Instant) {
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
