/// The uptime ratios of a service from 0 to 1, relative to the time in which its status was known; null if it was not
/// known at all.
package struct UptimeRatios: Codable, Hashable, Sendable {
  @ExplicitNull package var hour: Double?
  @ExplicitNull package var day: Double?
  @ExplicitNull package var week: Double?
  /// 30 days.
  @ExplicitNull package var month: Double?

  package init(hour: Double? = nil, day: Double? = nil, week: Double? = nil, month: Double? = nil) {
    self.hour = hour
    self.day = day
    self.week = week
    self.month = month
  }

  private enum CodingKeys: String, CodingKey {
    case hour = "1h"
    case day = "24h"
    case week = "7d"
    case month = "30d"
  }
}
