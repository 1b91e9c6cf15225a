package import NIOCore

/// A client that waits for its guest, on the client's event loop.
package final class GateWait {
  package enum Outcome: Hashable, Sendable {
    case isUp
    case failed(GateStatus)
    /// It is not up in time; the status at the end.
    case timedOut(GateStatus)
  }

  /// Added so that the guest's own time-out, which has a cause, comes first.
  private static let grace = Duration.milliseconds(500)

  private let gate: GuestGate
  /// The guest did not answer this client: it waits until PVE has reported whether the guest runs.
  private let isUnreachable: Bool
  private var watch: GuestGate.Watch?
  private var timer: Scheduled<Void>?
  private var onEnd: ((Outcome) -> Void)?

  /// Begins to wait; nil if too many wait already. `onEnd` is called once, unless it is cancelled, and not before this
  /// returns.
  package init?(
    for gate: GuestGate, _ request: WakeRequest, timeout: Duration, on eventLoop: any EventLoop,
    onEnd: @escaping (Outcome) -> Void
  ) {
    (self.gate, isUnreachable) = (gate, request.isUnreachable)
    let bound = NIOLoopBound(self, eventLoop: eventLoop)
    watch = gate.watch { status in eventLoop.execute { bound.value.apply(status) } }
    guard watch != nil else { return nil }
    self.onEnd = onEnd
    timer = eventLoop.scheduleTask(in: TimeAmount(timeout + Self.grace)) { bound.value.end(.timedOut(gate.status)) }
    gate.request(request)
    // It may have come up before it was watched.
    eventLoop.execute { if !bound.value.isUnreachable, gate.isOpen { bound.value.end(.isUp) } }
  }

  private func apply(_ status: GateStatus) {
    switch status.phase {
    case .checking where isUnreachable: break
    case .failed where isUnreachable || !status.isOpen: end(.failed(status))
    default: if status.isOpen { end(.isUp) }
    }
  }

  private func end(_ outcome: Outcome) {
    let onEnd = onEnd
    cancel()
    onEnd?(outcome)
  }

  package func cancel() {
    if let watch { gate.unwatch(watch) }
    timer?.cancel()
    (watch, timer, onEnd) = (nil, nil, nil)
  }
}
