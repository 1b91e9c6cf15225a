/// The cache of host names and the queue of lookups. It has no clock and starts nothing itself.
///
/// Names that were last found and all others wait in separate lanes, and the others get at most half of the threads:
/// names without an answer delay each other, but no name that is in use.
struct NameCache<Waiter> {
  typealias Instant = ContinuousClock.Instant
  typealias Waiting = (id: Int, waiter: Waiter)

  /// In the order in which the lanes are served.
  enum Lane: CaseIterable {
    case found, new, failed
  }

  static var lifetime: Duration { .seconds(30) }
  /// How long addresses remain in use while the resolver cannot be reached.
  static var maxStaleTime: Duration { .seconds(600) }
  static var maxPause: Duration { .seconds(60) }

  private let maxThreads: Int
  private let maxNames: Int
  private var entries: [String: Entry] = [:]
  private var queues: [Lane: [String]] = [:]
  private var running: [Lane: Int] = [:]

  init(maxThreads: Int, maxNames: Int) { (self.maxThreads, self.maxNames) = (maxThreads, maxNames) }

  var count: Int { entries.count }
  private var threads: Int { running.values.reduce(0, +) }
  private var threadsOfOthers: Int { running[.new, default: 0] + running[.failed, default: 0] }

  /// Returns the cached answer. Nil if a lookup is needed: the waiter, if any, is kept and later returned by
  /// ``finish(_:with:at:)`` or ``cancel(_:of:)``.
  mutating func request(_ name: String, _ waiting: Waiting?, at now: Instant) -> NameAnswer? {
    guard entries[name] != nil || makeRoom() else {
      return .failure(.unavailable(reason: "too many names are being looked up"))
    }
    var entry = entries[name] ?? Entry(of: name, lastUse: now)
    entry.lastUse = now
    let answer = entry.answer(at: now)
    if answer == nil, let waiting { entry.waiters.append(waiting) }
    if case .idle = entry.lookup, entry.isDue(at: now) {
      entry.lookup = .queued
      queues[entry.lane, default: []].append(name)
    }
    entries[name] = entry
    return answer
  }

  /// Returns the waiter, unless it was returned before. A name without waiters leaves its queue.
  mutating func cancel(_ id: Int, of name: String) -> Waiter? {
    guard var entry = entries[name], let index = entry.waiters.firstIndex(where: { $0.id == id }) else { return nil }
    let waiter = entry.waiters.remove(at: index).waiter
    if entry.waiters.isEmpty, case .queued = entry.lookup {
      queues[entry.lane]?.removeAll { $0 == name }
      entry.lookup = .idle
    }
    entries[name] = entry
    return waiter
  }

  /// The next name to look up, if a thread is available; ``finish(_:with:at:)`` releases the thread.
  mutating func startNext() -> String? {
    guard threads < maxThreads else { return nil }
    let lanes: [Lane] = threadsOfOthers < max(1, maxThreads / 2) ? Lane.allCases : [.found]
    guard let lane = lanes.first(where: { queues[$0]?.isEmpty == false }) else { return nil }
    let name = queues[lane, default: []].removeFirst()
    entries[name]?.lookup = .running(lane)
    running[lane, default: 0] += 1
    return name
  }

  /// Records the result of a lookup, and returns the answer for the waiters.
  mutating func finish(_ name: String, with outcome: NameAnswer, at now: Instant) -> (NameAnswer, [Waiting]) {
    guard var entry = entries[name], case .running(let lane) = entry.lookup else { return (outcome, []) }
    running[lane, default: 1] -= 1
    entry.lookup = .idle
    entry.record(outcome, at: now)
    let waiting = entry.waiters
    entry.waiters = []
    entries[name] = entry
    return (entry.answer(at: now) ?? outcome, waiting)
  }

  /// Removes the least recently used name if there are too many; returns false if all are being looked up.
  private mutating func makeRoom() -> Bool {
    guard entries.count >= maxNames else { return true }
    let idle = entries.filter { if case .idle = $0.value.lookup { true } else { false } }
    guard let oldest = idle.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return false }
    entries[oldest.key] = nil
    return true
  }
}

extension NameCache {
  private enum Lookup {
    case idle
    case queued
    case running(Lane)
  }

  private struct Entry {
    var lastUse: Instant
    var lookup = Lookup.idle
    var waiters: [Waiting] = []
    private var found: (addresses: [String], at: Instant)?
    private var failure: (reason: NameFailure, inARow: Int, at: Instant)?

    /// This machine's own name needs no nameserver, and does not wait behind names that do.
    private let isLocal: Bool

    init(of name: String, lastUse: Instant) {
      self.lastUse = lastUse
      isLocal = name == "localhost" || name.hasSuffix(".localhost")
    }

    var lane: Lane { failure != nil ? .failed : found != nil || isLocal ? .found : .new }

    func isDue(at now: Instant) -> Bool {
      if let failure { return failure.at + Self.pause(after: failure.inARow) <= now }
      return answer(at: now) == nil
    }

    /// A failure is answered at once as long as the name keeps being requested: when it is due, it is looked up after
    /// the answer.
    func answer(at now: Instant) -> NameAnswer? {
      guard let failure else {
        return found.flatMap { $0.at + NameCache.lifetime > now ? .success($0.addresses) : nil }
      }
      switch failure.reason {
      case .unavailable, .shortage:
        if let found, found.at + NameCache.maxStaleTime > now { return .success(found.addresses) }
      case .doesNotExist, .invalid, .cancelled: break
      }
      return failure.at + NameCache.maxPause * 2 > now ? .failure(failure.reason) : nil
    }

    mutating func record(_ outcome: NameAnswer, at now: Instant) {
      switch outcome {
      case .success(let addresses): (found, failure) = ((addresses, now), nil)
      case .failure(let reason):
        failure = (reason.following(failure?.reason), (failure?.inARow ?? 0) + 1, now)
        if case .doesNotExist = reason { found = nil }
      }
    }

    /// 1, 2, 4 … 60 s.
    private static func pause(after failures: Int) -> Duration {
      min(.seconds(1 << min(failures - 1, 16)), NameCache.maxPause)
    }
  }
}

extension NameFailure {
  /// Counts how often in a row a name was reported as missing.
  fileprivate func following(_ former: NameFailure?) -> NameFailure {
    guard case .doesNotExist = self, case .doesNotExist(let times) = former else { return self }
    return .doesNotExist(times: min(times + 1, 1_000_000))
  }
}
