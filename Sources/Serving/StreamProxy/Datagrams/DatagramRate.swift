import NIOCore

/// A rate limit for datagrams: a number per second, with bursts of the same size.
struct DatagramRate {
  private let perSecond: Int64
  private var left: Int64
  private var countedAt: NIODeadline?

  init(_ perSecond: Int) { (self.perSecond, left) = (Int64(perSecond), Int64(perSecond)) }

  /// Returns false for a datagram that exceeds the limit.
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
