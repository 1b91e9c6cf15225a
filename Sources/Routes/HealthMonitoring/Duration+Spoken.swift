extension Duration {
  /// For people, in one unit: `5 s`, `2.5 s`, `12 ms`, at least `1 ms`.
  var spoken: String {
    let milliseconds = max(1, (components.attoseconds / 1_000_000_000_000_000) + components.seconds * 1000)
    if milliseconds < 1000 { return "\(milliseconds) ms" }
    let tenths = milliseconds % 1000 / 100
    return tenths == 0 ? "\(milliseconds / 1000) s" : "\(milliseconds / 1000).\(tenths) s"
  }
}
