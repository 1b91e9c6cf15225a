import ProxmoxAPI

/// How long to wait from the start of one poll to the next.
struct PollCadence: Sendable {
  /// A node logs each refused login, and fail2ban counts them.
  private static let longestAfterRefusal = Duration.seconds(15 * 60)

  let interval: Duration
  private var failures = 0
  /// In a row.
  private var refusals = 0

  init(interval: Duration) { self.interval = interval }

  mutating func succeeded() { (failures, refusals) = (0, 0) }

  mutating func failed(_ error: ProxmoxError) {
    failures += 1
    // The credentials are no better for an endpoint that was away meanwhile.
    if error.isUnauthorized { refusals += 1 }
  }

  /// - Parameter jitter: in 0..<1; takes up to a fifth off a longer pause, so that agents do not return in step.
  func pause(jitter: Double) -> Duration {
    guard failures > 0 else { return interval }
    let wanted: Duration
    if refusals > 0 {
      // PVE takes 3 s of a worker for each refused login, so not even the first one is repeated soon.
      let first = max(interval, .seconds(30))
      wanted = max(interval, min(Self.longestAfterRefusal, first * (1 << min(refusals - 1, 10))))
    } else {
      let longest = max(interval, min(interval * 6, .seconds(60)))
      wanted = min(longest, interval * (1 << min(failures - 1, 5)))
    }
    return wanted > interval ? max(interval, wanted * (1 - jitter / 5)) : wanted
  }
}
