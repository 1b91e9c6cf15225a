import NIOCore

/// How many datagrams may pass: so many a second, and as many at once.
struct DatagramRate {
  private let perSecond: Int64
  private var left: Int64
  private var countedAt: NIODeadline?

  init(_ perSecond: Int) { (self.perSecond, left) = (Int64(perSecond), Int64(perSecond)) }

  /// False for a datagram that is one too many.
  mutating func admits(at now: NIODeadline) -> Bool {
    if let last = countedAt {
      let passed = min(max(0, (now - last).nanoseconds), 1_000_000_000)
      let more = passed * perSecond / 1_000_000_000
      if more > 0 {
        left = min(perSecond, left + more)
        countedAt = now
      }
    } else {
      countedAt = now
    }
    guard left > 0 else { return false }
    left -= 1
    return true
  }
}
