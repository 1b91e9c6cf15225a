import RouteModel
import Testing

@Suite("WeeklyHours") struct WeeklyHoursTests {
  static let times: [(String, weekday: Int, minute: Int, Bool)] = [
    ("Mon-Fri 08:00-22:00", 0, 480, true), ("Mon-Fri 08:00-22:00", 4, 1319, true),
    ("Mon-Fri 08:00-22:00", 4, 1320, false), ("Mon-Fri 08:00-22:00", 5, 600, false),
    ("Sat,Sun 10:00-24:00", 6, 1439, true), ("Sat,Sun 10:00-24:00", 0, 0, false),
    ("fri-mon 00:00-24:00", 6, 700, true), ("fri-mon 00:00-24:00", 1, 700, false),
    ("22:00-06:00", 3, 1380, true), ("22:00-06:00", 3, 100, true), ("22:00-06:00", 3, 600, false),
    ("Sun 22:00-06:00", 0, 100, true), ("Sun 22:00-06:00", 6, 100, false),
  ]

  @Test("Hours of some days, over midnight too", arguments: times)
  func contains(text: String, weekday: Int, minute: Int, expected: Bool) throws {
    #expect(try #require(WeeklyHours(text)).contains(weekday: weekday, minute: minute) == expected)
  }

  @Test(
    "What is no such time is none",
    arguments: [
      "", "Mon", "08:00", "8:00-22:00", "Mon 08:00-08:00", "Mon 24:00-08:00", "Mon 08:00-24:01", "Mon 08:60-22:00",
      "Xyz 08:00-22:00", "Mon- 08:00-22:00", "Mon,, 08:00-22:00", "Mon-Tue-Wed 08:00-22:00", "Mon Tue 08:00-22:00",
      "Mon -1:00-22:00",
    ])
  func refuses(text: String) { #expect(WeeklyHours(text) == nil) }
}
