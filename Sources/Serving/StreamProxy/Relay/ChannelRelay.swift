import NIOCore

/// Relays two channels through their pipelines, for connections whose bytes change on the way (TLS), until both are
/// closed.
///
/// Reading pauses while the other side does not accept bytes, so that a slow reader costs bounded memory. The end of
/// one direction is passed on after its last byte, and the other direction continues (half-close).
enum ChannelRelay {
  /// Called on the event loop of both channels, by handlers at the end of their pipelines; both channels have
  /// ``ChannelOptions/allowRemoteHalfClosure`` set.
  /// - Parameters:
  ///   - idle: closes both channels after this time without a byte in either direction.
  ///   - silent: may end the relay sooner if descriptors are short.
  ///   - onEnd: called once, on the event loop, when both are closed.
  static func join(
    _ a: RelayHandler, _ b: RelayHandler, on loop: any EventLoop, idle: TimeAmount, silent: SilentConnections,
    onEnd: @escaping () -> Void
  ) {
    let pair = RelayPair(a, b, idle: idle) { pair in
      silent.remove(pair)
      onEnd()
    }
    silent.add(pair, on: loop)
    a.prepare(for: b, of: pair)
    b.prepare(for: a, of: pair)
    pair.start(on: loop)
    a.begin()
    b.begin()
  }
}

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
