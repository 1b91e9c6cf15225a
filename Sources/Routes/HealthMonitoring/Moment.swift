import FoundationEssentials
import RouteModel

/// A point in time on both clocks: the monotonic one for durations, the calendar's for people.
struct Moment: Sendable {
  private var compact: CompactInstant
  var date: Date

  init(instant: ContinuousClock.Instant, date: Date) { (compact, self.date) = (CompactInstant(instant), date) }

  var instant: ContinuousClock.Instant { compact.instant }

  static var now: Moment { Moment(instant: .now, date: Date()) }
}
