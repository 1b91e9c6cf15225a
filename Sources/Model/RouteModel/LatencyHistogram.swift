import FoundationEssentials

/// A histogram of latencies with exponential buckets: eight for each doubling, so that percentiles are accurate to
/// about 6 %.
struct LatencyHistogram: Hashable, Sendable {
  /// Contains the buckets up to the highest in use.
  private var counts: [UInt16] = []

  init(counts: [UInt16] = []) { self.counts = Array(counts.prefix(Self.bucket(of: .max) + 1)) }

  mutating func add(_ microseconds: UInt32) {
    let bucket = Self.bucket(of: microseconds)
    if bucket >= counts.count { counts += repeatElement(0, count: bucket - counts.count + 1) }
    // Halving all counts keeps the shape, and gives newer ones more weight.
    if counts[bucket] == .max { for index in counts.indices { counts[index] /= 2 } }
    counts[bucket] += 1
  }

  /// The middle of the bucket that contains the percentile, in microseconds; nil if the histogram is empty.
  func percentile(_ percent: Int) -> Int64? {
    let total = counts.reduce(0) { $0 + Int($1) }
    guard total > 0 else { return nil }
    var rest = max(1, (total * percent + 99) / 100)
    for (bucket, count) in counts.enumerated() {
      rest -= Int(count)
      if rest <= 0 { return Self.middle(of: bucket) }
    }
    return nil
  }

  static func + (left: Self, right: Self) -> Self {
    var (sum, other) = left.counts.count >= right.counts.count ? (left, right) : (right, left)
    for (bucket, count) in other.counts.enumerated() {
      sum.counts[bucket] =
        sum.counts[bucket].addingReportingOverflow(count).overflow ? .max : sum.counts[bucket] + count
    }
    other.counts = []
    return sum
  }

  /// Below 8, each number has its own bucket; above, the three bits after the highest one select it.
  private static func bucket(of value: UInt32) -> Int {
    guard value >= 8 else { return Int(value) }
    let exponent = UInt32.bitWidth - 1 - value.leadingZeroBitCount
    return 8 * (exponent - 2) + Int(value >> (exponent - 3)) - 8
  }

  private static func middle(of bucket: Int) -> Int64 {
    guard bucket >= 16 else { return Int64(bucket) }
    let shift = bucket / 8 - 1
    return (Int64(bucket % 8 + 8) << shift) + (Int64(1) << (shift - 1))
  }

  /// Alternating bucket numbers and counts, without empty buckets.
  fileprivate var saved: [Int] {
    counts.enumerated().filter { $0.element > 0 }.flatMap { [$0.offset, Int($0.element)] }
  }

  /// Nil if the numbers cannot be counts of buckets.
  fileprivate init?(saved: [Int]) {
    let highest = Self.bucket(of: .max)
    guard saved.count.isMultiple(of: 2) else { return nil }
    for start in stride(from: 0, to: saved.count, by: 2) {
      let bucket = saved[start]
      // In ascending order, without duplicates.
      guard bucket >= counts.count, bucket <= highest, let count = UInt16(exactly: saved[start + 1]), count > 0 else {
        return nil
      }
      counts += repeatElement(0, count: bucket - counts.count)
      counts.append(count)
    }
  }
}

/// The latencies of the current and the previous half day.
struct RollingLatencies: Hashable, Sendable {
  private var period: Int64 = 0
  private var current = LatencyHistogram()
  private var previous = LatencyHistogram()

  mutating func add(_ microseconds: UInt32, at date: Date) {
    let now = Self.period(of: date)
    if now != period { (previous, current, period) = (now == period + 1 ? current : .init(), .init(), now) }
    current.add(microseconds)
  }

  func histogram(at date: Date) -> LatencyHistogram {
    switch Self.period(of: date) {
    case period: current + previous
    case period + 1: current
    default: LatencyHistogram()
    }
  }

  private static func period(of date: Date) -> Int64 {
    Int64(min(max(0, date.timeIntervalSince1970 / (12 * 3600)), Double(lastPeriod)))
  }

  private static let lastPeriod = HealthHistory.lastMillisecond / (12 * 3_600_000)
}

extension RollingLatencies: Codable {
  private enum CodingKeys: String, CodingKey { case period, current, previous }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let saved = try container.decode(Int64.self, forKey: .period)
    guard (0...Self.lastPeriod).contains(saved),
      let current = LatencyHistogram(saved: try container.decode([Int].self, forKey: .current)),
      let previous = LatencyHistogram(saved: try container.decode([Int].self, forKey: .previous))
    else {
      throw DecodingError.dataCorruptedError(
        forKey: .period, in: container, debugDescription: "no latencies of a half day")
    }
    (period, self.current, self.previous) = (saved, current, previous)
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(period, forKey: .period)
    try container.encode(current.saved, forKey: .current)
    try container.encode(previous.saved, forKey: .previous)
  }
}
