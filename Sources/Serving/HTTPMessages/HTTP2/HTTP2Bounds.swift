import NIOCore

/// Limits for the peer of an HTTP/2 connection (RFC 9113 §10.5).
package struct HTTP2Bounds: Sendable {
  /// The most concurrent requests.
  static let maxStreams = 100
  /// The maximum number of bytes in flight in one stream: it bounds an upload's speed per round trip, and the memory of
  /// a stream.
  static let streamWindow = 256 * 1024
  static let connectionWindow = 4 * streamWindow
  /// The most frames of one field block.
  static let maxFragments = 200

  let limits: MessageLimits
  /// Streams that the client cancelled or that ended with an error of the client. A user scrolling past pictures may
  /// cause sixty a second for any time; more are an attack (CVE-2023-44487, CVE-2025-8671).
  var cancels: TokenBucket
  /// PING, SETTINGS, PRIORITY and empty frames. Browsers that still send PRIORITY do so once or twice per stream.
  var controls: TokenBucket

  /// For clients.
  package init(client limits: MessageLimits) {
    self.limits = limits
    cancels = TokenBucket(capacity: 1000, perSecond: 60)
    controls = TokenBucket(capacity: 1000, perSecond: 100)
  }

  /// For upstreams, which the user chose: pings for measurements (as gRPC sends them) and resets are not attacks.
  package init(upstream limits: MessageLimits) {
    self.limits = limits
    cancels = TokenBucket(capacity: 1_000_000, perSecond: 100_000)
    controls = TokenBucket(capacity: 1_000_000, perSecond: 100_000)
  }

  /// As SETTINGS_MAX_HEADER_LIST_SIZE counts it: each field is 32 bytes more than its text. A head above the limits is
  /// refused alone; a block above this size ends the connection with all its streams.
  var maxBlockBytes: Int { 4 * (limits.headBytes + 32 * limits.fieldCount) }
}

/// A token bucket: so many at once, and so many per second in the long run.
struct TokenBucket: Hashable, Sendable {
  let capacity: Int
  let perSecond: Int
  private var tokens: Int
  private var filledAt: NIODeadline?

  init(capacity: Int, perSecond: Int) {
    (self.capacity, self.perSecond, tokens) = (capacity, perSecond, capacity)
  }

  /// Removes a token; returns false if there is none.
  mutating func consume(at now: NIODeadline) -> Bool {
    if tokens < capacity { fill(at: now) } else { filledAt = now }
    guard tokens > 0 else { return false }
    tokens -= 1
    return true
  }

  private mutating func fill(at now: NIODeadline) {
    let passed = (now - (filledAt ?? now)).nanoseconds
    let added = Int(min(passed, 3_600_000_000_000)) / 1_000_000 * perSecond / 1000
    guard added > 0 else { return }
    tokens = min(capacity, tokens + added)
    filledAt = now
  }
}
