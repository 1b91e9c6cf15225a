/// Which columns the live view has, and how wide they are.
struct HealthLayout: Hashable {
  static let gap = 2

  let width: Int
  let route: Int
  let status = 9
  let latency = 7
  /// 0: not shown, here and below.
  let since: Int
  let spark: Int
  let uptime: Int
  let percent: Int
  /// Beside the numbers; where it is 0, what there is to say stands on a line of its own.
  let note: Int

  /// - Parameters:
  ///   - width: in terminal columns.
  ///   - longestRoute: of the keys.
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
