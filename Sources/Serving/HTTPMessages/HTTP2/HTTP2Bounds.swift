import NIOCore

/// What the other side may ask of an HTTP/2 connection, and how much of it (RFC 9113 §10.5).
package struct HTTP2Bounds: Sendable {
  /// Of requests at once.
  static let mostStreams = 100
  /// What may be on its way in one stream: an upload's bytes for each round trip, and what a stream can hold of memory.
  static let streamWindow = 256 * 1024
  static let connectionWindow = 4 * streamWindow
  /// Frames that make up one field block.
  static let mostFragments = 200

  let limits: MessageLimits
  /// Streams that were given up by the client, or for a mistake of its own. Some are a user who scrolls past pictures:
  /// sixty a second for as long as he likes; more are an attack (CVE-2023-44487, CVE-2025-8671).
  var cancels: TokenBucket
  /// PING, SETTINGS, PRIORITY and frames that carry nothing. Browsers that still send PRIORITY do so once or twice for
  /// each stream.
  var controls: TokenBucket

  /// For clients.
  package init(client limits: MessageLimits) {
    self.limits = limits
    cancels = TokenBucket(capacity: 1000, perSecond: 60)
    controls = TokenBucket(capacity: 1000, perSecond: 100)
  }

  /// For upstreams, which the user chose: pings that measure (as gRPC sends them) and resets are no floods.
  package init(upstream limits: MessageLimits) {
    self.limits = limits
    cancels = TokenBucket(capacity: 1_000_000, perSecond: 100_000)
    controls = TokenBucket(capacity: 1_000_000, perSecond: 100_000)
  }

  /// As SETTINGS_MAX_HEADER_LIST_SIZE counts it: each field is 32 bytes more than its text. What is above the limits is
  /// refused by itself; a block above this ends the connection, with all its streams.
  var mostBlockBytes: Int { 4 * (limits.headBytes + 32 * limits.fieldCount) }
}

/// So many at once, and so many a second for as long as that goes on.
struct TokenBucket: Hashable, Sendable {
  let capacity: Int
  let perSecond: Int
  private var tokens: Int
  private var filledAt: NIODeadline?

  init(capacity: Int, perSecond: Int) {
    (self.capacity, self.perSecond, tokens) = (capacity, perSecond, capacity)
  }

  /// Takes one; false if there is none.
  mutating func take(at now: NIODeadline) -> Bool {
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
