import ControlAPI
package import FoundationEssentials

/// Durations and times in a readable form.
package enum HumanText {
  /// `1m 21s`, `3h 5m`, `2d 4h`; two units at most.
  package static func duration(seconds: Int64) -> String {
    let parts: [(Int64, String)] = [
      (seconds / 86400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s"),
    ]
    guard let first = parts.firstIndex(where: { $0.0 > 0 }) else { return "0s" }
    return parts[first...].prefix(2).filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined(separator: " ")
  }

  /// `0.95 ms`, `12 ms`, `1.2 s`.
  package static func latency(microseconds: Int64) -> String {
    switch microseconds {
    case ..<10_000: "\(decimal(microseconds, unit: 1000, places: 2)) ms"
    case ..<1_000_000: "\((microseconds + 500) / 1000) ms"
    default: "\(decimal(microseconds, unit: 1_000_000, places: 1)) s"
    }
  }

  /// `100 %`, `99.98 %`, `0 %`; only a full share is shown as 100 %.
  package static func percent(_ share: Double) -> String {
    // Shares have five decimal places; truncating in binary would sometimes lose a hundredth.
    let hundredths = Int64((share * 100_000).rounded()) / 10
    return hundredths.isMultiple(of: 100) ? "\(hundredths / 100) %" : "\(decimal(hundredths, unit: 100, places: 2)) %"
  }

  /// `12s ago`; `just now` below a second and if the clocks differ.
  package static func age(of date: Date, now: Date = Date()) -> String {
    let seconds = Int64(now.timeIntervalSince(date))
    return seconds < 1 ? "just now" : "\(duration(seconds: seconds)) ago"
  }

  private static func decimal(_ value: Int64, unit: Int64, places: Int) -> String {
    let scale: Int64 = places == 2 ? 100 : 10
    let rounded = (value * scale + unit / 2) / unit
    let fraction = String(rounded % scale)
    return "\(rounded / scale)." + String(repeating: "0", count: places - fraction.count) + fraction
  }
}

/// The last column of the inventory tables: the age of the line, and the reason.
enum FreshnessText {
  static func cell(asOf: Date?, stale: Bool, error: String?) -> TextTable.Cell {
    let age = asOf.map { HumanText.age(of: $0) } ?? "never"
    guard let error else { return TextTable.Cell(stale ? "\(age), stale" : age, color: stale ? .yellow : nil) }
    return TextTable.Cell("\(age)\(stale ? ", stale" : ""): \(error)", color: .red)
  }
}
