import RouteModel

/// What one entry has yet to tell: one notice a route, the newest; one try at a time.
///
/// A failed try makes all of the entry's notices wait, longer each time: where one cannot be told, the others cannot.
struct Outbox: Sendable {
  struct Limits: Sendable {
    var attempts = 24
    var firstPause = Duration.seconds(1)
    var longestPause = Duration.seconds(300)
    /// Of waiting notices; the oldest goes.
    var capacity = 1000
  }

  enum Step: Hashable {
    case deliver(Notice)
    case wait(until: ContinuousClock.Instant)
    /// A try is under way, or there is nothing to tell.
    case rest
  }

  /// What a finished try came to, for the log.
  enum Outcome: Hashable {
    case delivered(failuresBefore: Int)
    case postponed(reason: String, isNews: Bool, pause: Duration)
    case givenUp(reason: String)
    /// The route went meanwhile, or something newer is to be told of it.
    case overtaken(reason: String)
  }

  /// Why the entry fails now; nil while it does not.
  private(set) var trouble: String?
  private(set) var dropped = 0

  private struct Waiting {
    var notice: Notice
    var attempts = 0
    /// Its route went while it was on its way.
    var isForgotten = false
    /// The receiver has not answered for a while.
    var isInDoubt = false
  }

  private let limits: Limits
  private var waiting: [Waiting] = []
  private var flying: Waiting?
  /// What was told last of each route.
  private var told: [RouteID: Notice.Event] = [:]
  private var failures = 0
  private var pausedUntil: ContinuousClock.Instant?

  init(_ limits: Limits = Limits()) { self.limits = limits }

  var count: Int { waiting.count + (isBusy ? 1 : 0) }

  /// Whether a try is under way.
  var isBusy: Bool { flying != nil }

  /// What the receiver does not know, as far as can be known. A first try that is under way arrives, nearly always; one
  /// that failed before, or takes long, does so less often.
  var owed: [Notice] {
    var owed = waiting.map(\.notice)
    if let flying, !flying.isForgotten, flying.attempts > 0 || flying.isInDoubt,
      !owed.contains(where: { $0.observation.id == flying.notice.observation.id })
    {
      owed.append(flying.notice)
    }
    return owed
  }

  mutating func doubt() { flying?.isInDoubt = true }

  /// Takes a notice; a waiting one of the same route is overtaken by it.
  mutating func offer(_ notice: Notice, tellsFirstUp: Bool, tellsNeverUp: Bool) {
    let id = notice.observation.id
    let place = waiting.firstIndex { $0.notice.observation.id == id }
    // Of a route that was never up, only who was told that it is down wants to hear that it came up.
    let knowsItDown =
      told[id] == .down || flying?.notice.isDown(id) == true || place.map { waiting[$0].notice.isDown(id) } == true
    guard !notice.isFirst || (notice.event == .down ? tellsNeverUp : tellsFirstUp || knowsItDown) else { return }
    if let place { waiting.remove(at: place) }
    // Up and down again before the up could be told: what was told last is true again.
    guard told[id] != notice.event || flying?.notice.observation.id == id else { return }
    waiting.append(Waiting(notice: notice))
    if waiting.count > limits.capacity {
      waiting.removeFirst()
      dropped += 1
    }
  }

  /// Drops what is to be told of a route that is gone.
  mutating func forget(_ id: RouteID) {
    waiting.removeAll { $0.notice.observation.id == id }
    if flying?.notice.observation.id == id { flying?.isForgotten = true }
    told[id] = nil
  }

  /// The entry was changed: its trouble may be over.
  mutating func retryNow() { pausedUntil = nil }

  mutating func next(at now: ContinuousClock.Instant) -> Step {
    guard flying == nil, let first = waiting.first else { return .rest }
    if let pausedUntil, pausedUntil > now { return .wait(until: pausedUntil) }
    waiting.removeFirst()
    flying = first
    return .deliver(first.notice)
  }

  /// Nil where no such try was under way.
  mutating func finish(_ result: DeliveryResult, at now: ContinuousClock.Instant) -> Outcome? {
    guard var tried = flying else { return nil }
    flying = nil
    tried.isInDoubt = false
    let id = tried.notice.observation.id
    switch result {
    case .delivered:
      defer { (failures, trouble, pausedUntil) = (0, nil, nil) }
      if !tried.isForgotten { told[id] = tried.notice.event }
      waiting.removeAll { $0.notice.observation.id == id && $0.notice.event == tried.notice.event }
      return .delivered(failuresBefore: failures)
    case .refused(let reason):
      return giveUp(tried, reason)
    case .failed(let reason, let retryAfter):
      tried.attempts += 1
      if tried.attempts >= limits.attempts { return giveUp(tried, reason) }
      let isNews = noteFailure(reason)
      let pause = pause(atLeast: retryAfter)
      pausedUntil = now + pause
      return putBack(tried)
        ? .postponed(reason: reason, isNews: isNews, pause: pause) : .overtaken(reason: reason)
    }
  }

  /// Whether it waits again: not where something newer does.
  private mutating func putBack(_ tried: Waiting) -> Bool {
    guard !tried.isForgotten else { return false }
    let id = tried.notice.observation.id
    if let newer = waiting.firstIndex(where: { $0.notice.observation.id == id }) {
      if told[id] == waiting[newer].notice.event { waiting.remove(at: newer) }
      return false
    }
    waiting.insert(tried, at: 0)
    return true
  }

  private mutating func giveUp(_ tried: Waiting, _ reason: String) -> Outcome {
    // Nobody knows any more what its readers believe: the next notice is news in any case.
    told[tried.notice.observation.id] = nil
    _ = noteFailure(reason)
    return .givenUp(reason: reason)
  }

  /// Whether the entry worked before.
  private mutating func noteFailure(_ reason: String) -> Bool {
    defer { trouble = reason }
    failures += 1
    return trouble == nil
  }

  private func pause(atLeast asked: Duration?) -> Duration {
    let doubled = limits.firstPause * (1 << min(failures - 1, 20))
    return min(max(doubled, asked ?? .zero), limits.longestPause)
  }
}

extension Notice {
  fileprivate func isDown(_ id: RouteID) -> Bool { event == .down && observation.id == id }
}
