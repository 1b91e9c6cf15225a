package import FoundationEssentials

/// A service's history of the last 30 days, in bounded memory: 3.5 KB at most.
///
/// Up and known time in buckets of a minute, an hour and six hours; latencies in ``LatencyHistogram``s. Time without
/// probes is unknown and counts neither as up nor as down.
package struct HealthHistory: Hashable, Sendable {
  package static let recentProbes = 30
  /// 2020: an earlier time means that the clock has not been set yet, as on a machine without a battery before its
  /// first time synchronisation.
  private static let earliest = Date(timeIntervalSince1970: 1_577_836_800)
  /// The end of the year 9999.
  static let lastMillisecond: Int64 = 253_402_300_799_999

  private var minutes = UptimeBuckets(seconds: 60, capacity: 60)
  private var hours = UptimeBuckets(seconds: 3600, capacity: 168)
  private var quarterDays = UptimeBuckets(seconds: 6 * 3600, capacity: 120)
  private var latencies = RollingLatencies()
  /// In microseconds, oldest first; 0 is a failed probe.
  private var recent: [UInt32] = []

  package init() {}

  package var isEmpty: Bool { hours.isEmpty && recent.isEmpty }

  /// Adds a time span that ends now, at `date`. Data for later times is dropped, because the clock was ahead.
  package mutating func add(_ span: Duration, isUp: Bool, until date: Date) {
    guard date >= Self.earliest else { return }
    let end = date.inMilliseconds
    let start = end - max(0, span.inMicroseconds / 1000)
    minutes.add(isUp: isUp, from: start, to: end)
    hours.add(isUp: isUp, from: start, to: end)
    quarterDays.add(isUp: isUp, from: start, to: end)
  }

  /// Adds a probe's latency; nil for a failed one.
  package mutating func addProbe(_ latency: Duration?, at date: Date) {
    if recent.count >= Self.recentProbes { recent.removeFirst() }
    guard let latency else { return recent.append(0) }
    let microseconds = UInt32(clamping: max(1, latency.inMicroseconds))
    recent.append(microseconds)
    guard date >= Self.earliest else { return }
    latencies.add(microseconds, at: date)
  }

  package struct Summary: Hashable, Sendable {
    /// Ratios from 0 to 1; nil if nothing is known.
    package var hour: Double?
    package var day: Double?
    package var week: Double?
    package var month: Double?
    /// The time of the last 30 days in which the state was known, in milliseconds.
    package var observed: Int64
    /// The last 24 hours, oldest first, the current one last.
    package var byHour: [Double?]
    /// In microseconds, over the last half to whole day.
    package var p50: Int64?
    package var p95: Int64?
    package var p99: Int64?
    /// In microseconds, oldest first; nil for a failed probe.
    package var recent: [Int64?]
  }

  package func summary(at date: Date) -> Summary {
    let now = date.inMilliseconds
    let latencies = latencies.histogram(at: date)
    return Summary(
      hour: minutes.share(ofLast: 60, at: now), day: hours.share(ofLast: 24, at: now),
      week: hours.share(ofLast: 168, at: now), month: quarterDays.share(ofLast: 120, at: now),
      observed: quarterDays.time(ofLast: 120, at: now).known,
      byHour: (0..<24).reversed().map { hours.share(ofLast: 1, at: now - $0 * 3_600_000) },
      p50: latencies.percentile(50), p95: latencies.percentile(95), p99: latencies.percentile(99),
      recent: recent.map { $0 == 0 ? nil : Int64($0) })
  }
}

extension HealthHistory: Codable {
  private enum CodingKeys: String, CodingKey { case minutes, hours, quarterDays = "quarter_days", latencies, recent }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try Self.restore(&minutes, .minutes, from: container)
    try Self.restore(&hours, .hours, from: container)
    try Self.restore(&quarterDays, .quarterDays, from: container)
    latencies = try container.decode(RollingLatencies.self, forKey: .latencies)
    recent = try container.decode([UInt32].self, forKey: .recent).suffix(Self.recentProbes)
  }

  private static func restore(
    _ buckets: inout UptimeBuckets, _ key: CodingKeys, from container: KeyedDecodingContainer<CodingKeys>
  ) throws {
    guard buckets.restore(try container.decode([Int64].self, forKey: key)) else {
      throw DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: "no times of buckets")
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(minutes.saved, forKey: .minutes)
    try container.encode(hours.saved, forKey: .hours)
    try container.encode(quarterDays.saved, forKey: .quarterDays)
    try container.encode(latencies, forKey: .latencies)
    try container.encode(recent, forKey: .recent)
  }
}

extension Date {
  /// Milliseconds since 1970, clamped to the range of bucket numbers.
  fileprivate var inMilliseconds: Int64 {
    Int64(min(max(0, timeIntervalSince1970 * 1000), Double(HealthHistory.lastMillisecond)))
  }
}

extension Duration {
  fileprivate var inMicroseconds: Int64 { components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000 }
}
