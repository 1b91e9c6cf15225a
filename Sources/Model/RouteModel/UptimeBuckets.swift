/// Up and known time in the most recent buckets of a fixed width, which are numbered from 1970 on.
struct UptimeBuckets: Hashable, Sendable {
  struct Bucket: Hashable, Sendable {
    /// In milliseconds.
    var up: UInt32 = 0
    var known: UInt32 = 0
  }

  /// In milliseconds.
  private let width: Int64
  private let capacity: Int
  /// Oldest first, without gaps.
  private var buckets: [Bucket] = []
  /// The number of the last bucket.
  private var last: Int64 = 0

  init(seconds: Int64, capacity: Int) { (width, self.capacity) = (seconds * 1000, capacity) }

  var isEmpty: Bool { buckets.isEmpty }

  /// Adds a time span that ends now, in milliseconds since 1970; it may cover several buckets.
  mutating func add(isUp: Bool, from start: Int64, to end: Int64) {
    dropBuckets(after: end / width)
    // Time before the oldest bucket would be dropped again.
    var start = max(start, end - width * Int64(capacity), 0)
    while start < end {
      let number = start / width
      let stop = min(end, (number + 1) * width)
      add(stop - start, isUp: isUp, to: number)
      start = stop
    }
  }

  /// The ratio of up to known time in the last `count` buckets, including that of the given time; nil if nothing is
  /// known. Rounded down, so that 1 means no interruption.
  func share(ofLast count: Int, at milliseconds: Int64) -> Double? {
    let (up, known) = time(ofLast: count, at: milliseconds)
    guard known > 0 else { return nil }
    return (Double(up) / Double(known) * 100_000).rounded(.down) / 100_000
  }

  /// In milliseconds, in the last `count` buckets, including that of the given time.
  func time(ofLast count: Int, at milliseconds: Int64) -> (up: Int64, known: Int64) {
    let wanted = milliseconds / width - Int64(count) + 1...milliseconds / width
    var time = (up: Int64(0), known: Int64(0))
    for (index, bucket) in buckets.enumerated() where wanted.contains(number(at: index)) {
      time.up += Int64(bucket.up)
      time.known += Int64(bucket.known)
    }
    return time
  }

  /// Drops buckets that were added while the clock was ahead.
  private mutating func dropBuckets(after number: Int64) {
    guard last > number, !buckets.isEmpty else { return }
    buckets.removeLast(Int(min(Int64(buckets.count), last - number)))
    last = number
  }

  private func number(at index: Int) -> Int64 { last - Int64(buckets.count - 1 - index) }

  private mutating func add(_ amount: Int64, isUp: Bool, to number: Int64) {
    guard let index = index(of: number) else { return }
    // A clock that was set back covers the same time twice.
    let amount = UInt32(min(amount, max(0, width - Int64(buckets[index].known))))
    buckets[index].known += amount
    if isUp { buckets[index].up += amount }
  }

  /// Returns the index of a bucket, and adds it if it is new; nil if it is older than those kept.
  private mutating func index(of number: Int64) -> Int? {
    if buckets.isEmpty || number - last >= Int64(capacity) { (buckets, last) = ([Bucket()], number) }
    while last < number {
      buckets.append(Bucket())
      last += 1
    }
    if buckets.count > capacity { buckets.removeFirst(buckets.count - capacity) }
    let index = buckets.count - 1 - Int(last - number)
    if index < 0, last - number < Int64(capacity) {
      buckets.insert(contentsOf: repeatElement(Bucket(), count: -index), at: 0)
      return 0
    }
    return index < 0 ? nil : index
  }
}

extension UptimeBuckets {
  /// The last number, followed by runs of equal buckets: count, up, known. Compact for a service that is always up.
  var saved: [Int64] {
    var runs: [(count: Int64, bucket: Bucket)] = []
    for bucket in buckets {
      if let run = runs.last, run.bucket == bucket {
        runs[runs.count - 1].count += 1
      } else {
        runs.append((1, bucket))
      }
    }
    return [last] + runs.flatMap { [$0.count, Int64($0.bucket.up), Int64($0.bucket.known)] }
  }

  /// Restores the output of ``saved``; returns false, without any effect, if it cannot be buckets of this width.
  mutating func restore(_ saved: [Int64]) -> Bool {
    guard let number = saved.first, (0...HealthHistory.lastMillisecond / width).contains(number),
      (saved.count - 1).isMultiple(of: 3)
    else { return false }
    var restored: [Bucket] = []
    for start in stride(from: 1, to: saved.count, by: 3) {
      let (count, up, known) = (saved[start], saved[start + 1], saved[start + 2])
      guard count >= 1, count <= Int64(capacity - restored.count), known >= 0, known <= width, up >= 0, up <= known
      else { return false }
      restored += repeatElement(Bucket(up: UInt32(up), known: UInt32(known)), count: Int(count))
    }
    (buckets, last) = (restored, number)
    return true
  }
}
