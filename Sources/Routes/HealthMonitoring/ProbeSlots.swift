/// Limits the number of concurrent probes.
///
/// A probe that has just begun costs CPU, so only a few of these run at the same time. A probe that has been waiting
/// for a while only costs a descriptor and releases its slot, so that targets that hang until their time-out delay no
/// other probes.
struct ProbeSlots {
  static let freshPeriod = Duration.milliseconds(250)

  /// The maximum number of probes younger than ``freshPeriod``.
  let fresh: Int
  /// The maximum number of all probes: half of the 1024 descriptors that a process can rely on.
  let total: Int
  private var young: [Int: ContinuousClock.Instant] = [:]
  private var running = 0

  init(fresh: Int = 64, total: Int = 512) { (self.fresh, self.total) = (fresh, total) }

  /// For the probes of one host and port: small machines have few workers, and one that hangs must not use all slots.
  static let ofOneTarget = ProbeSlots(fresh: 16, total: 256)

  var isEmpty: Bool { running == 0 }

  /// Reserves a slot for the probe with that number; returns false if there is none.
  mutating func reserve(_ probe: Int, at now: ContinuousClock.Instant) -> Bool {
    if young.count >= fresh { young = young.filter { now < $0.value + Self.freshPeriod } }
    guard young.count < fresh, running < total else { return false }
    young[probe] = now
    running += 1
    return true
  }

  mutating func release(_ probe: Int) {
    young[probe] = nil
    running -= 1
  }

  /// When a slot becomes free even if no probe ends; nil if only an end frees one.
  var nextFree: ContinuousClock.Instant? {
    running < total ? young.values.min().map { $0 + Self.freshPeriod } : nil
  }
}
