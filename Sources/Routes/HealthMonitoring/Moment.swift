import FoundationEssentials

/// A point in time on both clocks: one that never jumps, for durations, and the calendar's, for people.
struct Moment: Sendable {
  var instant: ContinuousClock.Instant
  var date: Date

  static var now: Moment { Moment(instant: .now, date: Date()) }
}
