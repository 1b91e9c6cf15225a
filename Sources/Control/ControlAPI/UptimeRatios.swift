package import JSONDocument

/// The uptime ratio of a service, from 0 to 1, relative to the time in which its state was known; null if it never was.
package struct UptimeRatios: Decodable, Hashable, Sendable {
  package var hour: Double?
  package var day: Double?
  package var week: Double?
  /// 30 days.
  package var month: Double?

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

extension UptimeRatios: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.hour, hour)
    json.field(CodingKeys.day, day)
    json.field(CodingKeys.month, month)
    json.field(CodingKeys.week, week)
    json.endObject()
  }
}
