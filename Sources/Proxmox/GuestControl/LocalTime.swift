/// A time of the week, where the agent is.
package struct LocalTime: Hashable, Sendable {
  /// From 0 for Monday to 6.
  package var weekday: Int
  /// Of the day.
  package var minute: Int

  package init(weekday: Int, minute: Int) { (self.weekday, self.minute) = (weekday, minute) }
}
