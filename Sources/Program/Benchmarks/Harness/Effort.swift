/// How long to measure.
struct Effort: Sendable {
  /// Odd, so that a median is one of them.
  var rounds: Int
  /// A round is made of so many operations that it takes at least this long.
  var roundTime: Duration

  static let full = Effort(rounds: 11, roundTime: .milliseconds(40))
  /// Shows that every row works; the numbers mean little.
  static let quick = Effort(rounds: 1, roundTime: .microseconds(200))
}
