import ControlAPI
import Foundation
import Testing

@testable import Commands

@Suite struct HealthViewTests {
  private var detail: HealthDetail {
    HealthDetail(
      key: "plex", alias: "plex", target: "https://127.9.0.1:32400",
      health: HealthJSON(status: "healthy", uptimeMilliseconds: 81_234, latencyMicroseconds: 950, detail: "200 OK"),
      since: Date(), lastChecked: Date(), cause: nil)
  }

  @Test func reportsAllThatIsKnown() {
    var health = detail
    health.isFlapping = true
    health.certificateDaysLeft = 12
    health.phases = HealthPhases(dns: 200, connect: 310, tls: 2100, firstByte: 5000)
    health.uptime = UptimeRatios(hour: 1, day: 0.99984, week: 0.5, month: 0)
    health.observedMilliseconds = 30 * 86_400_000
    health.latency = LatencySummary(p50: 900, p95: 12_000, p99: 1_500_000)
    let text = HealthView.render(health, style: TableStyle(width: nil, usesColor: false))
    let fields = Dictionary(
      text.split(separator: "\n").map { line in
        (line.prefix { $0 != "\u{20}" }, line.drop { $0 != "\u{20}" }.drop { $0 == "\u{20}" })
      }, uniquingKeysWith: { first, _ in first })
    #expect(fields["phases"] == "dns 0.20 ms, connect 0.31 ms, tls 2.10 ms, first byte 5.00 ms")
    #expect(fields["latencies"] == "p50 0.90 ms, p95 12 ms, p99 1.5 s")
    #expect(fields["certificate"] == "12 days left")
    #expect(fields["uptime"] == "1h 100 %, 24h 99.98 %, 7d 50 %, 30d 0 %")
    #expect(fields["flapping"]?.hasPrefix("yes") == true)
  }

  private static let observations: [(seconds: Int64, text: String)] = [
    (6, "1h 100 % (observed for 6s)"), (3660, "1h 100 %, 24h 50 % (observed for 1h 1m)"),
    (259_200, "1h 100 %, 24h 50 %, 7d 25 % (observed for 3d)"),
    (1_728_000, "1h 100 %, 24h 50 %, 7d 25 %, 30d 0 % (observed for 20d)"),
    (2_505_600, "1h 100 %, 24h 50 %, 7d 25 %, 30d 0 %"),
  ]

  @Test(arguments: observations)
  func namesNoTimeThatItDidNotObserve(seconds: Int64, text: String) {
    var health = detail
    health.uptime = UptimeRatios(hour: 1, day: 0.5, week: 0.25, month: 0)
    health.observedMilliseconds = seconds * 1000
    #expect(HealthView.render(health, style: .plain).contains(" \(text)\n"))
  }

  @Test func isSilentOfWhatIsNotKnown() {
    let text = HealthView.render(detail, style: TableStyle(width: nil, usesColor: false))
    for name in ["phases", "latencies", "certificate", "uptime", "flapping"] { #expect(!text.contains(name)) }
  }

  @Test(arguments: [(-1, "expired 1 day ago"), (-3, "expired 3 days ago"), (0, "0 days left"), (1, "1 day left")])
  func countsTheDaysOfACertificate(days: Int, text: String) {
    var health = detail
    health.certificateDaysLeft = days
    #expect(HealthView.render(health, style: TableStyle(width: nil, usesColor: false)).contains(text))
  }

  @Test(arguments: [
    (1.0, "100 %"), (0.99999, "99.99 %"), (0.9984, "99.84 %"), (0.5, "50 %"), (0.305, "30.50 %"), (0, "0 %"),
  ])
  func roundsNoShareUpToAWhole(share: Double, text: String) {
    #expect(HumanText.percent(share) == text)
  }
}
