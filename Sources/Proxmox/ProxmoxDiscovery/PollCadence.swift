import ProxmoxAPI

/// The pause from the start of one poll to the start of the next.
struct PollCadence: Sendable {
  /// A node logs each refused login, and fail2ban counts them.
  private static let maxAfterRefusal = Duration.seconds(15 * 60)

  let interval: Duration
  private var failures = 0
  /// Consecutive refused logins.
  private var refusals = 0

  init(interval: Duration) { self.interval = interval }

  mutating func succeeded() { (failures, refusals) = (0, 0) }

  mutating func failed(_ error: ProxmoxError) {
    failures += 1
    // An outage of the endpoint in between does not make the credentials valid.
    if error.isUnauthorized { refusals += 1 }
  }

  /// - Parameter jitter: in 0..<1; shortens a longer pause by up to a fifth, so that agents do not return in step.
  func pause(jitter: Double) -> Duration {
    guard failures > 0 else { return interval }
    let wanted: Duration
    if refusals > 0 {
      // PVE spends 3 s of a worker on each refused login, so even the first one is not repeated soon.
      let first = max(interval, .seconds(30))
      wanted = max(interval, min(Self.maxAfterRefusal, first * (1 << min(refusals - 1, 10))))
    } else {
      let longest = max(interval, min(interval * 6, .seconds(60)))
      wanted = min(longest, interval * (1 << min(failures - 1, 5)))
    }
    return wanted > interval ? max(interval, wanted * (1 - jitter / 5)) : wanted
  }
}
