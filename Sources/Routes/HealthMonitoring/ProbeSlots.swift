/// How many probes may run at once.
///
/// A probe that has just begun costs CPU, so few of those run together; one that has been waiting for a while costs a
/// descriptor only and gives its slot on, so that targets which hang to their time-out delay nobody.
struct ProbeSlots {
  static let patience = Duration.milliseconds(250)

  /// Probes younger than ``patience``.
  let fresh: Int
  /// All probes together: half of the 1024 descriptors that a process may count on.
  let total: Int
  private var young: [Int: ContinuousClock.Instant] = [:]
  private var running = 0

  init(fresh: Int = 64, total: Int = 512) { (self.fresh, self.total) = (fresh, total) }

  /// For the probes of one host and port: small machines have few workers, and one that hangs may not take all slots.
  static let ofOneTarget = ProbeSlots(fresh: 16, total: 256)

  var isEmpty: Bool { running == 0 }

  /// Takes a slot for a probe of that number; false if there is none.
  mutating func take(_ probe: Int, at now: ContinuousClock.Instant) -> Bool {
    if young.count >= fresh { young = young.filter { now < $0.value + Self.patience } }
    guard young.count < fresh, running < total else { return false }
    young[probe] = now
    running += 1
    return true
  }

  mutating func release(_ probe: Int) {
    young[probe] = nil
    running -= 1
  }

  /// When a slot is free even if no probe ends; nil if only an end frees one.
  var nextFree: ContinuousClock.Instant? {
    running < total ? young.values.min().map { $0 + Self.patience } : nil
  }
}
