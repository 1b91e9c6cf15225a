import RouteModel

/// The undelivered notices of one entry: the newest one of each route, one attempt at a time.
///
/// A failed attempt delays all notices of the entry, longer each time, because they share the destination.
struct Outbox: Sendable {
  struct Limits: Sendable {
    var attempts = 24
    var firstPause = Duration.seconds(1)
    var maxPause = Duration.seconds(300)
    /// The maximum number of waiting notices; the oldest is dropped.
    var capacity = 1000
  }

  enum Step: Hashable {
    case deliver(Notice)
    case wait(until: ContinuousClock.Instant)
    /// An attempt is in flight, or there is nothing to deliver.
    case rest
  }

  /// The outcome of a finished attempt, for the log.
  enum Outcome: Hashable {
    case delivered(failuresBefore: Int)
    case postponed(reason: String, isNews: Bool, pause: Duration)
    case givenUp(reason: String)
    /// The route was removed in the meantime, or a newer notice of it is waiting.
    case overtaken(reason: String)
  }

  /// Why the entry fails; nil while it works.
  private(set) var trouble: String?
  private(set) var dropped = 0

  private struct Waiting {
    var notice: Notice
    var attempts = 0
    /// The route was removed while the notice was in flight.
    var isForgotten = false
    /// Whether the receiver has not answered for a while.
    var isOverdue = false
  }

  private let limits: Limits
  private var waiting: [Waiting] = []
  private var inFlight: Waiting?
  /// The last delivered event of each route.
  private var lastDelivered: [RouteID: Notice.Event] = [:]
  private var failures = 0
  private var pausedUntil: ContinuousClock.Instant?

  init(_ limits: Limits = Limits()) { self.limits = limits }

  var count: Int { waiting.count + (isBusy ? 1 : 0) }

  /// Whether an attempt is in flight.
  var isBusy: Bool { inFlight != nil }

  /// The notices that the receiver probably does not have. A first attempt in flight nearly always arrives; one that
  /// failed before, or takes long, does so less often.
  var pending: [Notice] {
    var pending = waiting.map(\.notice)
    if let inFlight, !inFlight.isForgotten, inFlight.attempts > 0 || inFlight.isOverdue,
      !pending.contains(where: { $0.observation.id == inFlight.notice.observation.id })
    {
      pending.append(inFlight.notice)
    }
    return pending
  }

  mutating func markOverdue() { inFlight?.isOverdue = true }

  /// Adds a notice; it replaces a waiting one of the same route.
  mutating func offer(_ notice: Notice, notifiesFirstUp: Bool, notifiesNeverUp: Bool) {
    let id = notice.observation.id
    let place = waiting.firstIndex { $0.notice.observation.id == id }
    // If a route has never been up, its first up is of interest only after a notice that it is down.
    let knowsItDown =
      lastDelivered[id] == .down || inFlight?.notice.isDown(id) == true
      || place.map { waiting[$0].notice.isDown(id) } == true
    guard !notice.isFirst || (notice.event == .down ? notifiesNeverUp : notifiesFirstUp || knowsItDown) else { return }
    if let place { waiting.remove(at: place) }
    // The route went up and down again before the up was delivered: the last delivered event is true again.
    guard lastDelivered[id] != notice.event || inFlight?.notice.observation.id == id else { return }
    waiting.append(Waiting(notice: notice))
    if waiting.count > limits.capacity {
      waiting.removeFirst()
      dropped += 1
    }
  }

  /// Drops the notices of a route that has been removed.
  mutating func forget(_ id: RouteID) {
    waiting.removeAll { $0.notice.observation.id == id }
    if inFlight?.notice.observation.id == id { inFlight?.isForgotten = true }
    lastDelivered[id] = nil
  }

  /// Ends the pause after the entry changed: the problem may be fixed.
  mutating func retryNow() { pausedUntil = nil }

  mutating func next(at now: ContinuousClock.Instant) -> Step {
    guard inFlight == nil, let first = waiting.first else { return .rest }
    if let pausedUntil, pausedUntil > now { return .wait(until: pausedUntil) }
    waiting.removeFirst()
    inFlight = first
    return .deliver(first.notice)
  }

  /// Nil if no attempt was in flight.
  mutating func finish(_ result: DeliveryResult, at now: ContinuousClock.Instant) -> Outcome? {
    guard var tried = inFlight else { return nil }
    inFlight = nil
    tried.isOverdue = false
    let id = tried.notice.observation.id
    switch result {
    case .delivered:
      defer { (failures, trouble, pausedUntil) = (0, nil, nil) }
      if !tried.isForgotten { lastDelivered[id] = tried.notice.event }
      waiting.removeAll { $0.notice.observation.id == id && $0.notice.event == tried.notice.event }
      return .delivered(failuresBefore: failures)
    case .refused(let reason):
      return giveUp(tried, reason)
    case .failed(let reason, let retryAfter):
      tried.attempts += 1
      if tried.attempts >= limits.attempts { return giveUp(tried, reason) }
      let isNews = recordFailure(reason)
      let pause = pause(atLeast: retryAfter)
      pausedUntil = now + pause
      return requeue(tried)
        ? .postponed(reason: reason, isNews: isNews, pause: pause) : .overtaken(reason: reason)
    }
  }

  /// Queues a notice again; returns false if a newer one for its route is waiting.
  private mutating func requeue(_ tried: Waiting) -> Bool {
    guard !tried.isForgotten else { return false }
    let id = tried.notice.observation.id
    if let newer = waiting.firstIndex(where: { $0.notice.observation.id == id }) {
      if lastDelivered[id] == waiting[newer].notice.event { waiting.remove(at: newer) }
      return false
    }
    waiting.insert(tried, at: 0)
    return true
  }

  private mutating func giveUp(_ tried: Waiting, _ reason: String) -> Outcome {
    // The receiver's state is unknown now: the next notice is sent in any case.
    lastDelivered[tried.notice.observation.id] = nil
    _ = recordFailure(reason)
    return .givenUp(reason: reason)
  }

  /// Returns whether the entry worked before.
  private mutating func recordFailure(_ reason: String) -> Bool {
    defer { trouble = reason }
    failures += 1
    return trouble == nil
  }

  private func pause(atLeast asked: Duration?) -> Duration {
    let doubled = limits.firstPause * (1 << min(failures - 1, 20))
    return min(max(doubled, asked ?? .zero), limits.maxPause)
  }
}

extension Notice {
  fileprivate func isDown(_ id: RouteID) -> Bool { event == .down && observation.id == id }
}

/// The result of one delivery attempt. The reasons contain no secrets.
enum DeliveryResult: Hashable, Sendable {
  /// - Parameter answer: such as `it answered 200`.
  case delivered(answer: String)
  /// Worth a retry, not before the delay that the receiver asked for.
  case failed(reason: String, retryAfter: Duration? = nil)
  /// A retry would be refused again.
  case refused(reason: String)
}
