package import NIOCore

/// Joins two channels byte for byte until both are closed.
///
/// Reads go on only while the other side takes what was read, so that a slow reader costs bounded memory. The end of one
/// direction is passed on behind its last byte, and the other direction goes on (half-close).
package enum Relay {
  /// How many bytes came from each side; all of them were handed to the other one, if that was still there.
  package struct Counts: Hashable, Sendable {
    package var fromA: UInt64 = 0
    package var fromB: UInt64 = 0
  }

  package enum Failure: Error { case differentEventLoops }

  /// Joins two channels of one event loop; called on it.
  ///
  /// Both must have ``ChannelOptions/allowRemoteHalfClosure`` set. Their handlers of another protocol are gone, and what
  /// those had read already was written to the other side. From here on nobody else reads or writes them.
  /// - Parameters:
  ///   - ended: which sides have already told their end (`ChannelEvent.inputClosed`): nobody hears of that twice.
  ///   - idle: closes both after so long without a byte either way.
  ///   - onEnd: called once, on the event loop, when both are closed.
  package static func join(
    _ a: any Channel, _ b: any Channel, ended: (a: Bool, b: Bool) = (false, false), idle: TimeAmount,
    onEnd: @escaping (Counts) -> Void = { _ in }
  ) throws {
    guard a.eventLoop === b.eventLoop, a.eventLoop.inEventLoop else { throw Failure.differentEventLoops }
    let (first, second) = (RelayHandler(hasEnded: ended.a), RelayHandler(hasEnded: ended.b))
    try a.pipeline.syncOperations.addHandler(first)
    try b.pipeline.syncOperations.addHandler(second)
    join(first, second, on: a.eventLoop, idle: idle, onEnd: onEnd)
  }

  /// Joins two channels by handlers that already stand at the end of their pipelines.
  static func join(
    _ a: RelayHandler, _ b: RelayHandler, on loop: any EventLoop, idle: TimeAmount,
    onEnd: @escaping (Counts) -> Void
  ) {
    let pair = RelayPair(a, b, idle: idle, onEnd: onEnd)
    a.prepare(for: b, of: pair)
    b.prepare(for: a, of: pair)
    pair.start(on: loop)
    a.begin()
    b.begin()
  }
}
