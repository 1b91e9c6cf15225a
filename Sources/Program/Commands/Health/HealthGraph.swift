/// Renders numbers over time as graphs of one line.
enum HealthGraph {
  private static let bars: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

  /// Latencies as bars, with the newest on the right, and `×` for a failed probe.
  ///
  /// A steady latency has half the height, so that noise does not look like an event.
  static func spark(_ latencies: [Int64?], width: Int) -> [(text: String, color: TextColor?)] {
    let shown = latencies.suffix(width)
    let known = shown.compactMap { $0 }.sorted()
    let top = max(1, max(known.last ?? 0, known.isEmpty ? 0 : 2 * known[known.count / 2]))
    let blanks = String(repeating: " ", count: max(0, width - shown.count))
    return [(blanks, nil)]
      + shown.map { latency in
        guard let latency else { return ("×", .red) }
        return (String(bar(Double(max(0, latency)) / Double(top))), nil)
      }
  }

  /// The uptime of each span of time, with the current one on the right, and `·` if it is unknown. Spans are merged if
  /// there are more than columns; the worst of them is shown.
  static func uptime(_ ratios: [Double?], width: Int) -> [(text: String, color: TextColor?)] {
    let span = max(1, (ratios.count + width - 1) / max(1, width))
    let spans = stride(from: 0, to: ratios.count, by: span).map { start in
      ratios[start..<min(start + span, ratios.count)].compactMap { $0 }.min()
    }
    let blanks = Array(repeating: Double?.none, count: max(0, width - spans.count))
    return (blanks + spans.suffix(width)).map { ratio in
      guard let ratio else { return ("·", .dim) }
      if ratio >= 1 { return ("█", .green) }
      return (String(bars[min(6, max(0, Int(ratio * 7)))]), ratio >= 0.9 ? .yellow : .red)
    }
  }

  private static func bar(_ share: Double) -> Character { bars[min(7, max(0, Int(share * 8)))] }
}
