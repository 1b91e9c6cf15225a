/// Latencies of a route's successful probes, in microseconds.
package struct LatencySummary: Codable, Hashable, Sendable {
  /// Over the last half to whole day, accurate to about 5 %; null before the first success.
  @ExplicitNull package var p50: Int64?
  @ExplicitNull package var p95: Int64?
  @ExplicitNull package var p99: Int64?
  /// The latencies of the last 30 probes at most, oldest first; null for a failed one.
  package var recent: [Int64?]

  package init(p50: Int64? = nil, p95: Int64? = nil, p99: Int64? = nil, recent: [Int64?] = []) {
    self.recent = recent
    self.p50 = p50
    self.p95 = p95
    self.p99 = p99
  }

  private enum CodingKeys: String, CodingKey {
    case p50 = "p50_us"
    case p95 = "p95_us"
    case p99 = "p99_us"
    case recent = "recent_us"
  }
}
