/// Durations as people write them: `300ms`, `10s`, `5m`, `1h`, also `1h30m` and `1.5s`.
enum DurationText {
  private static let milliseconds: [(unit: String, count: Double)] = [
    ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
  ]

  /// Nil for anything else, a number without a unit included; a bare `0` is zero.
  static func parse(_ text: String) -> Duration? {
    if text == "0" { return .zero }
    var rest = text[...]
    var total = 0.0
    repeat {
      let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      rest = rest.dropFirst(number.count)
      let unit = rest.prefix { $0.isLetter }
      rest = rest.dropFirst(unit.count)
      guard let value = Double(number), let known = milliseconds.first(where: { $0.unit == unit }) else { return nil }
      total += value * known.count
    } while !rest.isEmpty
    // A century: longer is a slip of the finger, and far from any overflow.
    return total <= 3_153_600_000_000 ? .milliseconds(Int64(total.rounded())) : nil
  }

  /// The shortest such text: `500ms`, `90s`, `5m`.
  static func format(_ duration: Duration) -> String {
    let total = duration / .milliseconds(1)
    let fitting = milliseconds.last { total >= $0.count && total.truncatingRemainder(dividingBy: $0.count) == 0 }
    guard let fitting else { return "\(Int(total))ms" }
    return "\(Int(total / fitting.count))\(fitting.unit)"
  }
}
