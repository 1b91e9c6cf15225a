/// Durations in Go's notation, with days, weeks and months of 30 days: `300ms`, `10s`, `5m`, `1h30m`, `1.5s`, `2d`,
/// `1w`, `1M`.
package enum DurationText {
  private static let nanoseconds: [(unit: String, count: Double)] = [
    ("ns", 1), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9),
    ("d", 86_400e9), ("w", 604_800e9), ("M", 2_592_000e9),
  ]

  /// Nil for anything else, including a number without a unit; a bare `0` is zero.
  package static func parse(_ text: String) -> Duration? {
    if text == "0" { return .zero }
    var rest = text[...]
    var total = 0.0
    repeat {
      let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      rest = rest.dropFirst(number.count)
      let unit = rest.prefix { $0.isLetter }
      rest = rest.dropFirst(unit.count)
      guard let value = Double(number), let known = nanoseconds.first(where: { $0.unit == unit }) else { return nil }
      total += value * known.count
    } while !rest.isEmpty
    // A century: anything longer is a typing mistake, and this is far from any overflow.
    return total <= 3.1536e18 ? .nanoseconds(Int64(total.rounded())) : nil
  }

  /// The shortest notation of a duration: `500ms`, `90s`, `5m`.
  static func format(_ duration: Duration) -> String {
    let total = duration / .nanoseconds(1)
    let fitting = nanoseconds.last {
      ["ms", "s", "m", "h", "d"].contains($0.unit) && total >= $0.count
        && total.truncatingRemainder(dividingBy: $0.count) == 0
    }
    guard let fitting else { return "\(Int(total / 1e6))ms" }
    return "\(Int(total / fitting.count))\(fitting.unit)"
  }
}
