package import NIOCore
package import RouteModel
import Synchronization

/// The state of a guest for the proxies: whether clients are passed on, and those that wait.
///
/// Shared by all event loops. A guest that is up costs a request one store and one load.
package final class GuestGate: Sendable {
  package typealias Watch = UInt64

  private struct State {
    var status = GateStatus.up
    /// Waiting clients.
    var watchers: [Watch: @Sendable (GateStatus) -> Void] = [:]
    /// Pages that follow its start.
    var pages: [Watch: @Sendable (GateStatus) -> Void] = [:]
    /// Services that do not answer yet although the guest is up.
    var services: [RouteID: ServiceTurns] = [:]
    var lastWatch: Watch = 0
    var isAsked = false
    /// When it last came up after it was started.
    var openedAt: NIODeadline?
    /// When PVE last reported whether it runs.
    var checkedAt: NIODeadline?

    var waitingCount: Int { services.values.reduce(watchers.count) { $0 + $1.waiting.count } }

    mutating func makeWatch() -> Watch {
      lastWatch += 1
      return lastWatch
    }
  }

  /// The maximum number of clients that wait for one guest.
  package static let maxWaiting = 4096
  /// The maximum number of pages that follow the start of one guest.
  package static let maxPages = 256
  /// PVE is not queried again within this time after it has reported that the guest runs.
  private static let recheckInterval = TimeAmount.seconds(5)
  private static let connectInterval = TimeAmount.milliseconds(100)
  /// A service that takes longer to start is tried less often.
  private static let fastRetryPeriod = TimeAmount.seconds(10)

  package let guest: GuestID
  private let requests: AsyncStream<WakeRequest>.Continuation
  private let isOpenNow = Atomic(true)
  private let lastByte = Atomic<UInt64>(0)
  private let state = Mutex(State())

  init(_ guest: GuestID, requests: AsyncStream<WakeRequest>.Continuation) {
    (self.guest, self.requests) = (guest, requests)
  }

  package var isOpen: Bool { isOpenNow.load(ordering: .sequentiallyConsistent) }
  package var status: GateStatus { state.withLock { $0.status } }

  /// Records that a client uses the guest, and returns whether the client may pass.
  ///
  /// In one order with ``close()`` and ``lastUse``: either the stop of an idle guest sees this use, or this client is held.
  package func enter(at now: NIODeadline) -> Bool {
    lastByte.store(now.uptimeNanoseconds, ordering: .sequentiallyConsistent)
    return isOpen
  }

  /// Records that bytes of a client were transferred.
  package func recordUse(at now: NIODeadline) { lastByte.store(now.uptimeNanoseconds, ordering: .relaxed) }

  /// When bytes of a client were last transferred; nil if never.
  package var lastUse: NIODeadline? {
    let time = lastByte.load(ordering: .sequentiallyConsistent)
    return time == 0 ? nil : .uptimeNanoseconds(time)
  }

  /// Holds clients back until the next ``show(_:)``, while it is decided whether the guest is stopped.
  package func close() { isOpenNow.store(false, ordering: .sequentiallyConsistent) }

  package func show(_ status: GateStatus) {
    let watchers = state.withLock { state in
      let former = state.status.phase
      if status.phase == .up, former == .starting || former == .waiting { state.openedAt = .now() }
      if former == .checking, status.phase != .checking { state.checkedAt = .now() }
      (state.status, state.isAsked) = (status, false)
      isOpenNow.store(status.isOpen, ordering: .sequentiallyConsistent)
      return Array(state.watchers.values) + Array(state.pages.values)
    }
    for watcher in watchers { watcher(status) }
  }

  /// Reports every later status to a waiting client, on any thread. Nil if too many wait already.
  package func watch(_ body: @escaping @Sendable (GateStatus) -> Void) -> Watch? {
    state.withLock { state in
      guard state.waitingCount < Self.maxWaiting else { return nil }
      let watch = state.makeWatch()
      state.watchers[watch] = body
      return watch
    }
  }

  /// Reports every later status to a page, on any thread. Nil if there are too many pages, whose limit is separate from
  /// that of waiting clients.
  package func follow(_ body: @escaping @Sendable (GateStatus) -> Void) -> Watch? {
    state.withLock { state in
      guard state.pages.count < Self.maxPages else { return nil }
      let watch = state.makeWatch()
      state.pages[watch] = body
      return watch
    }
  }

  package func unwatch(_ watch: Watch) {
    state.withLock { state in
      if state.watchers.removeValue(forKey: watch) == nil { state.pages[watch] = nil }
    }
  }

  /// The number of clients that wait, and of pages that follow its start.
  package var watcherCount: Int { state.withLock { $0.waitingCount + $0.pages.count } }

  /// Adds a client of a service that does not answer yet: the first one tries to connect, the others wait. Nil if too
  /// many wait already.
  ///
  /// - Parameter onTurn: called on any thread when the waiting client is to try.
  func join(
    _ route: RouteID, onTurn: @escaping @Sendable (ServiceTurns.Turn) -> Void
  ) -> (place: Watch, isTrying: Bool)? {
    state.withLock { state in
      guard state.waitingCount < Self.maxWaiting else { return nil }
      let place = state.makeWatch()
      guard state.services[route] != nil else {
        state.services[route] = ServiceTurns(trying: place)
        return (place, true)
      }
      state.services[route]?.waiting[place] = onTurn
      return (place, false)
    }
  }

  /// Removes a client that was added by ``join(_:onTurn:)``.
  ///
  /// - Parameter hasAnswered: the service has answered, so that all clients that wait for it may try.
  func leave(_ route: RouteID, _ place: Watch, hasAnswered: Bool) {
    let turns = state.withLock { state -> [@Sendable () -> Void] in
      guard var service = state.services[route] else { return [] }
      let turns = service.remove(place, hasAnswered: hasAnswered)
      state.services[route] = service.trying == nil ? nil : service
      return turns
    }
    for turn in turns { turn() }
  }

  /// Requests the guest, unless it is starting or another request is pending.
  package func request(_ request: WakeRequest) {
    let isNew = state.withLock { state in
      guard !state.isAsked, state.status.phase != .starting, state.status.phase != .waiting else { return false }
      state.isAsked = true
      if request.isUnreachable, state.status.phase == .up { state.status = GateStatus(.checking) }
      return true
    }
    if isNew { requests.yield(request) }
  }

  package enum NextAttempt: Hashable, Sendable {
    /// No further attempt: the guest is up, and the failure has another cause.
    case none
    /// The guest came up a moment ago, and its service may follow: try again after a pause, until the end.
    case again(after: TimeAmount, until: NIODeadline)
    /// Wait until PVE has reported whether the guest runs.
    case whenChecked
  }

  /// The next step after a connection failed although the guest is up.
  ///
  /// - Parameter timeout: how long after the guest came up its services may take.
  package func nextAttempt(at now: NIODeadline, timeout: Duration, hasReportedUnreachable: Bool) -> NextAttempt {
    state.withLock { state in
      let isJustChecked = state.checkedAt.map { now - $0 < Self.recheckInterval } ?? false
      if let openedAt = state.openedAt, now - openedAt < TimeAmount(timeout) {
        // It may have ended again.
        let needsCheck = !state.status.isOpen || !isJustChecked && now - openedAt >= Self.recheckInterval
        if needsCheck, state.status.phase != .checking { return .whenChecked }
        let pause = now - openedAt < Self.fastRetryPeriod ? Self.connectInterval : .seconds(1)
        return .again(after: pause, until: openedAt + TimeAmount(timeout))
      }
      guard !hasReportedUnreachable else { return .none }
      return state.status.phase == .up && isJustChecked ? .none : .whenChecked
    }
  }
}
