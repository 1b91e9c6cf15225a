/// The columns of the live view and their widths.
struct HealthLayout: Hashable {
  static let gap = 2

  let width: Int
  let route: Int
  let status = 9
  let latency = 7
  /// 0 hides the column, here and below.
  let since: Int
  let spark: Int
  let uptime: Int
  let percent: Int
  /// The width beside the numbers; 0 puts notes on separate lines.
  let note: Int

  /// - Parameters:
  ///   - width: in terminal columns.
  ///   - longestRoute: the length of the longest key.
  init(width: Int, longestRoute: Int) {
    self.width = width
    since = width >= 50 ? 7 : 0
    spark = width >= 140 ? 30 : width >= 100 ? 16 : width >= 72 ? 8 : 0
    uptime = width >= 72 ? 24 : width >= 50 ? 12 : 0
    percent = width >= 100 ? 7 : 0
    let fixed = [status, latency, since, spark, uptime, percent].reduce(0) { $0 + ($1 == 0 ? 0 : $1 + Self.gap) }
    route = min(max(5, longestRoute), max(8, min(40, width - fixed)))
    let rest = width - fixed - route - Self.gap
    note = rest >= 30 ? rest : 0
  }
}
