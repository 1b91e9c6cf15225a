import Testing

@testable import Diagnosis

@Suite("ClockCheck") struct ClockCheckTests {
  static let cases: [(offset: Int, severity: Severity, words: String)] = [
    (0, .ok, "pve1"), (10, .ok, "pve1"), (-10, .ok, "pve1"),
    (90, .warning, "is 90 s (90 s) ahead of this machine's"),
    (-120, .warning, "is 2 min (120 s) behind this machine's"),
    (7200, .problem, "is 2 h (7200 s) ahead of this machine's"),
  ]

  @Test("Clocks that differ are reported with the difference", arguments: cases)
  func judges(offset: Int, severity: Severity, words: String) {
    let checks = ClockCheck.checks([.init(name: "pve1", offset: offset)])
    #expect(checks.count == 1 && checks[0].severity == severity, "\(checks)")
    #expect(checks[0].found.contains(words), "\(checks)")
    #expect(checks[0].commands.contains("chronyc makestep") == (severity != .ok))
  }

  @Test("Right clocks are reported in one line")
  func agreement() {
    let checks = ClockCheck.checks([
      .init(name: "pve1", offset: 0), .init(name: "pve2", offset: 600), .init(name: "pve3", offset: -1),
    ])
    #expect(checks.map(\.severity) == [.problem, .ok] && checks[1].found.hasSuffix("pve1, pve3"), "\(checks)")
    #expect(ClockCheck.checks([]).isEmpty)
  }
}
