import ProxmoxAPI

/// How long to wait from the start of one poll to the next.
struct PollCadence: Sendable {
  let interval: Duration
  private var failures = 0
  private var isUnauthorized = false

  init(interval: Duration) { self.interval = interval }

  mutating func succeeded() { (failures, isUnauthorized) = (0, false) }

  mutating func failed(_ error: ProxmoxError) {
    failures += 1
    if case .unauthorized = error { isUnauthorized = true } else { isUnauthorized = false }
  }

  /// - Parameter jitter: in 0..<1; takes up to a fifth off a longer pause, so that agents do not return in step.
  func pause(jitter: Double) -> Duration {
    guard failures > 0 else { return interval }
    let longest = max(interval, min(interval * 6, .seconds(60)))
    // PVE takes 3 s of a worker for each refused login, so a refusal is not repeated soon.
    let wanted = isUnauthorized ? min(longest, max(interval, .seconds(30))) : interval * (1 << min(failures - 1, 5))
    let pause = min(wanted, longest)
    return pause > interval ? max(interval, pause * (1 - jitter / 5)) : pause
  }
}
