import Foundation
import RouteModel
import Testing

@Suite struct HealthHistoryTests {
  /// The start of a day, and therefore of an hour and a quarter day.
  private let midnight = Date(timeIntervalSince1970: 19_700 * 86400)

  @Test func knowsNothingAtFirst() {
    let summary = HealthHistory().summary(at: midnight)
    #expect(summary.hour == nil && summary.day == nil && summary.week == nil && summary.month == nil)
    #expect(summary.byHour == Array(repeating: nil, count: 24))
    #expect(summary.p50 == nil && summary.recent.isEmpty)
  }

  @Test func reportsTheUpShareOfTheKnownTime() {
    var history = HealthHistory()
    // Up for an hour three days ago, down for an hour yesterday, up for half an hour now; not probed in between.
    history.add(.seconds(3600), isUp: true, until: midnight - 2 * 86400)
    history.add(.seconds(3600), isUp: false, until: midnight - 6 * 3600)
    history.add(.seconds(1800), isUp: true, until: midnight + 1800)
    let summary = history.summary(at: midnight + 1800)
    #expect(summary.hour == 1)
    #expect(summary.day == 0.33333)
    #expect(summary.week == 0.6)
    #expect(summary.month == 0.6)
    #expect(summary.byHour.compactMap { $0 } == [0, 1])
    #expect(summary.byHour.last == 1)
  }

  @Test func forgetsAfterAMonth() {
    var history = HealthHistory()
    history.add(.seconds(60), isUp: false, until: midnight)
    for hour in 1...(31 * 24) {
      history.add(.seconds(3600), isUp: true, until: midnight + Double(hour) * 3600)
      if hour == 29 * 24 { #expect(history.summary(at: midnight + 29 * 86400).month == 0.99997) }
    }
    #expect(history.summary(at: midnight + 31 * 86400).month == 1)
    #expect(history.summary(at: midnight + 31 * 86400).hour == 1)
  }

  /// An interruption too short to show in the digits still rules out a monthly uptime of 100 %.
  @Test func neverRoundsUpToAWhole() {
    var history = HealthHistory()
    for hour in 0..<700 { history.add(.seconds(3600), isUp: true, until: midnight + Double(hour) * 3600) }
    history.add(.milliseconds(50), isUp: false, until: midnight + 700 * 3600)
    #expect(history.summary(at: midnight + 700 * 3600).month == 0.99999)
  }

  @Test func survivesAClockThatJumps() {
    var history = HealthHistory()
    history.add(.seconds(600), isUp: true, until: midnight + 600)
    history.add(.seconds(10), isUp: true, until: midnight + 90 * 86400)
    history.add(.seconds(10), isUp: false, until: midnight + 700)
    history.add(.seconds(10), isUp: false, until: Date(timeIntervalSince1970: -5))
    #expect(history.summary(at: midnight + 700).hour == 0, "what a clock ahead of the time left is dropped")
    #expect(history.summary(at: midnight + 90 * 86400).month == nil)
    // A time span that is added twice counts once.
    var twice = HealthHistory()
    for _ in 0..<3 { twice.add(.seconds(60), isUp: true, until: midnight + 60) }
    twice.add(.seconds(60), isUp: false, until: midnight + 120)
    #expect(twice.summary(at: midnight + 120).hour == 0.5)
  }

  @Test func aClockThatIsNotSetYetSaysNothing() {
    var history = HealthHistory()
    history.add(.seconds(600), isUp: true, until: midnight + 600)
    history.addProbe(.milliseconds(2), at: midnight + 600)
    history.add(.seconds(600), isUp: false, until: Date(timeIntervalSince1970: 86_400))
    history.addProbe(.milliseconds(2), at: Date(timeIntervalSince1970: 86_400))
    #expect(history.summary(at: midnight + 600).hour == 1)
    #expect(history.summary(at: midnight + 600).p50 != nil)
    #expect(history.summary(at: Date(timeIntervalSince1970: -86_400)).hour == nil)
  }

  @Test func whatWasKnownBeforeAClockRanAheadIsKept() {
    var history = HealthHistory()
    history.add(.seconds(3600), isUp: true, until: midnight + 3600)
    // Three hours ahead, which the hour buckets still cover.
    history.add(.seconds(60), isUp: false, until: midnight + 4 * 3600)
    history.add(.seconds(60), isUp: true, until: midnight + 3660)
    #expect(history.summary(at: midnight + 3660).day == 1)
    #expect(history.summary(at: midnight + 5 * 3600).day == 1)
  }

  @Test func reportsPercentilesOfTheLatency() throws {
    var history = HealthHistory()
    for value in 1...1000 { history.addProbe(.microseconds(value * 10), at: midnight) }
    let summary = history.summary(at: midnight)
    for (percentile, exact) in [(summary.p50, 5000), (summary.p95, 9500), (summary.p99, 9900)] {
      let value = try #require(percentile)
      #expect(abs(value - Int64(exact)) <= Int64(exact) * 7 / 100, "\(value) for \(exact)")
    }
    #expect(history.summary(at: midnight + 2 * 86400).p50 == nil, "of old probes nothing is told")
  }

  @Test func keepsTheLastProbesInOrder() {
    var history = HealthHistory()
    for value in 1...40 { history.addProbe(value.isMultiple(of: 10) ? nil : .microseconds(value), at: midnight) }
    let recent = history.summary(at: midnight).recent
    #expect(recent.count == 30)
    #expect(recent.first == .some(11))
    #expect(recent.last == .some(nil))
  }

  @Test func staysSmallWhateverHappens() throws {
    var history = HealthHistory()
    for minute in 0..<(40 * 24 * 60) {
      let date = midnight + Double(minute) * 60
      history.add(.seconds(60), isUp: !minute.isMultiple(of: 3), until: date)
      history.addProbe(.microseconds(minute * 7919 % 2_000_000), at: date)
    }
    #expect(try JSONEncoder().encode(history).count < 8192)
  }

  @Test func comesBackFromItsFileAsItWas() throws {
    var history = HealthHistory()
    for minute in 0..<3000 {
      let date = midnight + Double(minute) * 60
      history.add(.seconds(60), isUp: minute % 100 < 97, until: date)
      history.addProbe(minute.isMultiple(of: 50) ? nil : .microseconds(800 + minute), at: date)
    }
    let read = try JSONDecoder().decode(HealthHistory.self, from: try JSONEncoder().encode(history))
    #expect(read.summary(at: midnight + 3000 * 60) == history.summary(at: midnight + 3000 * 60))
    #expect(read == history)
  }

  private static let good =
    #"{"minutes":[5,2,0,60000],"hours":[5,168,9,9],"quarter_days":[0],"latencies":{"period":1,"current":[7,2,9,1],"previous":[]},"recent":[0,7]}"#

  @Test func takesWhatCanBe() throws {
    var history = try JSONDecoder().decode(HealthHistory.self, from: Data(Self.good.utf8))
    #expect(history.summary(at: Date(timeIntervalSince1970: 330)).hour == 0)
    history.add(.seconds(60), isUp: true, until: midnight)
    history.addProbe(.milliseconds(1), at: midnight)
    #expect(history.summary(at: midnight).hour == 1)
  }

  @Test(arguments: [
    good.replacing("[5,2,0,60000]", with: "[5,61,0,60000]"), good.replacing("[5,2,0,60000]", with: "[5,0,0,60000]"),
    good.replacing("[5,2,0,60000]", with: "[5,2,0,60001]"), good.replacing("[5,2,0,60000]", with: "[5,2,7,6]"),
    good.replacing("[5,2,0,60000]", with: "[5,2,-1,6]"), good.replacing("[5,2,0,60000]", with: "[-1]"),
    good.replacing("[5,168,9,9]", with: "[5,168,9,9,1,9,9]"), good.replacing("[7,2,9,1]", with: "[9,1,7,2]"),
    good.replacing("[7,2,9,1]", with: "[7,65536]"), good.replacing("[7,2,9,1]", with: "[7,0]"),
    good.replacing("[7,2,9,1]", with: "[-1,1]"), good.replacing("[7,2,9,1]", with: "[240,1]"),
    good.replacing("\"period\":1", with: "\"period\":-1"), good.replacing("[0,7]", with: "[-7]"),
    #"{"minutes":[],"hours":[5,1],"quarter_days":[7,-3,9,9],"latencies":{"period":1,"current":[9],"previous":[-1,5]},"recent":[]}"#,
    #"{"minutes":[1,9000000000,1,1],"hours":[2,1,5000000000,1],"quarter_days":[0,1,1,1],"latencies":{"period":-9,"current":[500,1],"previous":[3,900000]},"recent":[0]}"#,
  ])
  func refusesWhatCannotBe(text: String) throws {
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(HealthHistory.self, from: Data(text.utf8)) }
  }
}
