package import JSONDocument

/// Latencies of a route's successful probes, in microseconds.
package struct LatencySummary: Decodable, Hashable, Sendable {
  /// Over the last half to whole day, with an accuracy of about 5 %; null before the first success.
  package var p50: Int64?
  package var p95: Int64?
  package var p99: Int64?
  /// Of the last probes, at most 30, oldest first; null for a failed one.
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

extension LatencySummary: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.p50, p50)
    json.field(CodingKeys.p95, p95)
    json.field(CodingKeys.p99, p99)
    json.field(CodingKeys.recent, recent)
    json.endObject()
  }
}
