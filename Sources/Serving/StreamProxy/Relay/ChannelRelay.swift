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
