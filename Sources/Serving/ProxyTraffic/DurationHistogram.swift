/// The durations of requests, counted in Prometheus' buckets.
///
/// Unlike `RouteModel.LatencyHistogram`, which has one writer and yields percentiles, it has many writers, and its
/// buckets can be added over routes and scrapes.
struct DurationHistogram: ~Copyable, Sendable {
  private static let bounds: InlineArray<13, Int64> = [
    1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000,
  ]

  /// One more than the bounds: the last bucket is for everything longer.
  private let buckets: InlineArray<14, Counter> = counters()
  private let sum = Counter()

  func add(microseconds: Int64) {
    var bucket = 0
    while bucket < Self.bounds.count, microseconds > Self.bounds[bucket] { bucket += 1 }
    buckets[bucket].add(1)
    sum.add(Int(microseconds))
  }

  var totals: DurationTotals {
    let counts = buckets.indices.map { buckets[$0].value }
    var reached = 0
    let cumulated = Self.bounds.indices.map { index in
      reached += counts[index]
      return DurationTotals.Bucket(upTo: .microseconds(Self.bounds[index]), count: reached)
    }
    return DurationTotals(buckets: cumulated, count: counts.reduce(0, +), sum: .microseconds(sum.value))
  }
}

/// A histogram in Prometheus' form.
package struct DurationTotals: Hashable, Sendable {
  package struct Bucket: Hashable, Sendable {
    package var upTo: Duration
    /// The number of durations up to the bound.
    package var count: Int
  }

  package var buckets: [Bucket]
  package var count: Int
  package var sum: Duration
}
