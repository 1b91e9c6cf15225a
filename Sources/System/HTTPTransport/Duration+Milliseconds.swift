extension Duration {
  /// Whole milliseconds, saturating.
  func milliseconds(rounding rule: FloatingPointRoundingRule) -> Int {
    let (seconds, attoseconds) = components
    let milliseconds = (Double(attoseconds) / 1e15).rounded(rule)
    let (whole, overflow) = Int(seconds).multipliedReportingOverflow(by: 1000)
    return overflow ? (seconds < 0 ? .min : .max) : whole + Int(milliseconds)
  }

  /// The time-out for a poll. Rounded up, because waking early would busy-wait until the time has come.
  var pollTimeout: Int32 { Int32(clamping: max(0, milliseconds(rounding: .up))) }

  /// `300 ms`, `5 s`, `2.5 s`.
  var inWords: String {
    let milliseconds = milliseconds(rounding: .toNearestOrAwayFromZero)
    if milliseconds < 1000 { return "\(milliseconds) ms" }
    return milliseconds % 1000 == 0 ? "\(milliseconds / 1000) s" : "\(Double(milliseconds) / 1000) s"
  }
}
