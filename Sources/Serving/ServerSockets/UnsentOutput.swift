package import NIOCore

/// Whether a channel still has to send earlier output, because the other side does not read.
///
/// Each write costs memory of its own until it is sent: an entry in the channel's queue and, over TLS, a buffer of
/// 16 KiB. So the owner keeps small output until the channel has sent what it has.
package struct UnsentOutput {
  /// Output of this size is not kept.
  package static let highWater = 64 * 1024
  private static let flushesPerCheck = 8

  /// Whether ``sent()`` follows.
  package private(set) var isWaiting = false
  private var flushesUntilCheck = 0

  package init() {}

  /// Whether to keep this many bytes until ``sent()``.
  package func keeps(_ bytes: Int) -> Bool { isWaiting && bytes < Self.highWater }

  /// The promise for the next write; nil if the other side reads, or another promise is not completed yet.
  ///
  /// - Parameter whenSent: called after the write; it must call ``sent()``.
  package mutating func promise(
    on channel: @autoclosure () -> any Channel, whenSent: @escaping () -> Void
  ) -> EventLoopPromise<Void>? {
    guard !isWaiting, isThere(on: channel()) else { return nil }
    isWaiting = true
    let sent = channel().eventLoop.makePromise(of: Void.self)
    sent.futureResult.assumeIsolated().whenComplete { _ in whenSent() }
    return sent
  }

  package mutating func sent() { isWaiting = false }

  /// Asking the channel takes 2 % of a request, so that it is asked at every eighth flush until it has unsent output.
  private mutating func isThere(on channel: @autoclosure () -> any Channel) -> Bool {
    flushesUntilCheck -= 1
    guard flushesUntilCheck <= 0 else { return false }
    if channel().unreadBytes > 0 { return true }
    flushesUntilCheck = Self.flushesPerCheck
    return false
  }
}

extension Channel {
  /// The number of bytes that the other side has not read. Must be called on the channel's event loop.
  package var unreadBytes: Int { (try? syncOptions?.getOption(.bufferedWritableBytes)) ?? 0 }
}
