import NIOCore

/// Joins two channels through their pipelines, where bytes change on their way (TLS), until both are closed.
///
/// Reads go on only while the other side takes what was read, so that a slow reader costs bounded memory. The end of one
/// direction is passed on behind its last byte, and the other direction goes on (half-close).
enum ChannelRelay {
  /// Called on the event loop of both channels, by handlers at the end of their pipelines; both channels have
  /// ``ChannelOptions/allowRemoteHalfClosure`` set.
  /// - Parameters:
  ///   - idle: closes both after so long without a byte either way.
  ///   - silent: may end it sooner if descriptors are short.
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
