import NIOCore

/// The state that both sides of a relay share: its idle timer and its end.
final class RelayPair: SilentConnection {
  private var sides: (a: RelayHandler, b: RelayHandler)?
  private let idle: TimeAmount
  private let onEnd: (RelayPair) -> Void
  private(set) var lastActivity = NIODeadline.now()
  private var timer: Scheduled<Void>?

  init(_ a: RelayHandler, _ b: RelayHandler, idle: TimeAmount, onEnd: @escaping (RelayPair) -> Void) {
    (sides, self.idle, self.onEnd) = ((a, b), idle, onEnd)
  }

  func start(on loop: any EventLoop) { watch(until: lastActivity + idle, on: loop) }

  func recordActivity() { lastActivity = .now() }

  /// Called when a side has closed. The last one ends the pair.
  func sideClosed() {
    guard let sides, sides.a.isClosed, sides.b.isClosed else { return }
    timer?.cancel()
    sides.a.leave()
    sides.b.leave()
    self.sides = nil
    onEnd(self)
  }

  /// A single timer checks when the last byte passed, because moving it with every byte would cost more than the byte.
  private func watch(until deadline: NIODeadline, on loop: any EventLoop) {
    timer = loop.assumeIsolated().scheduleTask(deadline: deadline) {
      guard self.sides != nil else { return }
      let due = self.lastActivity + self.idle
      if due > .now() { return self.watch(until: due, on: loop) }
      self.end()
    }
  }

  func end() {
    sides?.a.close()
    sides?.b.close()
  }
}
