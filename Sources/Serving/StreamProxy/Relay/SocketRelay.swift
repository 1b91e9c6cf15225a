import LinuxSystem
import NIOCore

/// Two sockets relayed byte for byte until both are closed; owned by the thread of its ``RelayLoop``.
struct SocketRelay {
  enum Progress { case waiting, yielded, over }

  let pair: SocketPair
  /// Whether it waits for its next turn.
  var isInLine = false
  private var fromFront: SocketFlow
  private var fromBack: SocketFlow
  /// The broken sockets: if a socket had already ended its output, no read reports that it broke.
  private var isBroken = (front: false, back: false)
  private let idle: UInt64
  /// When a socket last had an event.
  private(set) var silentSince: UInt64

  /// - Parameter now: the loop's clock, in milliseconds.
  init(_ pair: SocketPair, at now: UInt64) {
    self.pair = pair
    fromFront = SocketFlow(from: pair.front, to: pair.back, ahead: pair.ahead.toBack, received: pair.received.front)
    fromBack = SocketFlow(from: pair.back, to: pair.front, ahead: pair.ahead.toFront, received: pair.received.back)
    // Durations may exceed any number of milliseconds.
    idle = UInt64(min(max(0, pair.idle / .milliseconds(1)), 1e15))
    silentSince = now
  }

  /// When the relay ends if nothing happens until then.
  var idleDeadline: UInt64 { silentSince &+ idle }

  /// Handles a socket's readiness.
  mutating func handle(
    _ event: EventPoller.Event, through buffer: UnsafeMutableRawBufferPointer, at now: UInt64
  ) -> Progress {
    let isFront = event.descriptor == pair.front
    if event.isReadable || event.hasEnded || event.isUrgent {
      let readsToEnd = event.hasEnded || event.isUrgent
      if isFront {
        fromFront.sourceIsReady(readsToEnd: readsToEnd)
      } else {
        fromBack.sourceIsReady(readsToEnd: readsToEnd)
      }
    }
    if event.hasFailed {
      if isFront { isBroken.front = true } else { isBroken.back = true }
    }
    if event.isWritable || event.hasFailed {
      if isFront { fromBack.sinkIsReady() } else { fromFront.sinkIsReady() }
    }
    return proceed(through: buffer, at: now)
  }

  /// Moves bytes in both directions as far as possible.
  mutating func proceed(through buffer: UnsafeMutableRawBufferPointer, at now: UInt64) -> Progress {
    silentSince = now
    var hasYielded = false
    // A failed side gives the other flow something to do, once.
    while fromFront.canMove || fromBack.canMove, !hasYielded {
      if fromFront.canMove {
        hasYielded = Self.move(&fromFront, against: &fromBack, through: buffer) || hasYielded
      }
      if fromBack.canMove {
        hasYielded = Self.move(&fromBack, against: &fromFront, through: buffer) || hasYielded
      }
    }
    if isBroken.front, fromFront.isOver { fromBack.abandon() }
    if isBroken.back, fromBack.isOver { fromFront.abandon() }
    if fromFront.isOver, fromBack.isOver { return .over }
    return hasYielded ? .yielded : .waiting
  }

  /// Moves one flow; a failure also affects the other one. Returns true if there may be more.
  private static func move(
    _ flow: inout SocketFlow, against other: inout SocketFlow, through buffer: UnsafeMutableRawBufferPointer
  ) -> Bool {
    switch flow.move(through: buffer) {
    case .waiting: return false
    case .yielded: return true
    case .sourceFailed:
      // The reader is gone: only bytes in flight to the other side still matter.
      other.abandon()
    case .sinkFailed:
      flow.abandon()
      other.drain()
    }
    return false
  }
}
