package import NIOCore
package import RouteModel

/// The attempts of a client to connect to a service that starts after its guest, on the client's event loop.
///
/// One client of a route tries at a time; the others wait for its success.
package final class ServiceRetry {
  private let gate: GuestGate
  private let route: RouteID
  private let eventLoop: any EventLoop
  private var place: GuestGate.Watch?
  private var timer: Scheduled<Void>?
  private var pause = TimeAmount.zero
  private var onEnd: ((_ mayTry: Bool) -> Void)?

  package init(for route: RouteID, of gate: GuestGate, on eventLoop: any EventLoop) {
    (self.route, self.gate, self.eventLoop) = (route, gate, eventLoop)
  }

  /// Whether the client waits for its next attempt.
  package var isWaiting: Bool { onEnd != nil }

  /// Waits after a failed attempt; returns false if too many wait already. `onEnd` is called once, unless
  /// ``end(hasAnswered:)`` is called before.
  ///
  /// - Parameters:
  ///   - pause: until the next attempt.
  ///   - deadline: of the last attempt.
  package func wait(
    _ pause: TimeAmount, until deadline: NIODeadline, onEnd: @escaping (_ mayTry: Bool) -> Void
  ) -> Bool {
    self.pause = pause
    if place == nil {
      let bound = NIOLoopBound(self, eventLoop: eventLoop)
      let joined = gate.join(route) { [eventLoop] turn in eventLoop.execute { bound.value.apply(turn) } }
      guard let joined else { return false }
      place = joined.place
      if !joined.isTrying {
        self.onEnd = onEnd
        timer = eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { self.finish(mayTry: false) }
        return true
      }
    }
    self.onEnd = onEnd
    tryLater()
    return true
  }

  private func tryLater() {
    timer = eventLoop.assumeIsolated().scheduleTask(in: pause) { self.finish(mayTry: true) }
  }

  private func apply(_ turn: ServiceTurns.Turn) {
    guard place != nil, isWaiting else { return }
    timer?.cancel()
    switch turn {
    case .isNext: tryLater()
    case .isUp:
      place = nil
      finish(mayTry: true)
    }
  }

  private func finish(mayTry: Bool) {
    let onEnd = onEnd
    (timer, self.onEnd) = (nil, nil)
    if !mayTry { end(hasAnswered: false) }
    onEnd?(mayTry)
  }

  /// Ends the attempts of this client. Another one tries in its place, or all of them if the service has answered.
  package func end(hasAnswered: Bool) {
    timer?.cancel()
    let place = place
    (self.place, timer, onEnd) = (nil, nil, nil)
    if let place { gate.leave(route, place, hasAnswered: hasAnswered) }
  }
}

/// The clients of a service that does not answer yet: one of them tries, the others wait for the result.
struct ServiceTurns {
  enum Turn: Sendable {
    /// The client that tried has ended its attempts: this one is next.
    case isNext
    /// The service answers.
    case isUp
  }

  /// Nil if no client is left.
  private(set) var trying: GuestGate.Watch?
  var waiting: [GuestGate.Watch: @Sendable (Turn) -> Void] = [:]

  init(trying: GuestGate.Watch) { self.trying = trying }

  /// Removes a client; returns what to call, without a lock.
  mutating func remove(_ place: GuestGate.Watch, hasAnswered: Bool) -> [@Sendable () -> Void] {
    guard place == trying else {
      waiting[place] = nil
      return []
    }
    if hasAnswered {
      defer { (trying, waiting) = (nil, [:]) }
      return waiting.values.map { onTurn in { onTurn(.isUp) } }
    }
    guard let next = waiting.first else {
      trying = nil
      return []
    }
    waiting[next.key] = nil
    trying = next.key
    return [{ next.value(.isNext) }]
  }
}
