import ControlAPI
import Foundation
import Testing

@testable import Commands

/// The live view on terminals of several sizes.
@Suite struct HealthBoardTests {
  private static let clock = LocalClock.time(of: Healths.now)

  private func lines(
    _ width: Int, height: Int = 40, _ healths: [HealthDetail] = Healths.all, usesColor: Bool = false
  ) -> [String] {
    Healths.board(healths).page(width: width, usesColor: usesColor, now: Healths.now).lines(height: height)
  }

  @Test func fitsATerminalOf80() {
    #expect(
      lines(79).joined(separator: "\n") == """
        6 routes  2 down  2 up  1 disabled  1 unknown                          \(Self.clock)
        ROUTE           STATUS         FOR  LATENCY  CHECKS    24 HOURS
        a-route-with-…  error           5m        -            ························
          the root 'x' is no absolute path
        nextcloud       unhealthy    2h 5m        -        ××  ····················█▇▃▁
          guest 108 (nextcloud) is stopped
        web             unknown         5m        -            ························
          no target while the link is ambiguous
        db              healthy         5m  0.15 ms  ▅▅▅▅▅▅▅▅  ████████████████████████
        jellyfin        healthy         5m  1.00 ms  ▂▂▂▂█×▂▂  ████████████████████████
        old             disabled        5m        -            ························
        """)
  }

  @Test func fitsATerminalOf60() {
    #expect(
      lines(59).joined(separator: "\n") == """
        6 routes  2 down  2 up  1 disabled  1 unknown      \(Self.clock)
        ROUTE             STATUS         FOR  LATENCY  24 HOURS
        a-route-with-a-…  error           5m        -  ············
          the root 'x' is no absolute path
        nextcloud         unhealthy    2h 5m        -  ··········▇▁
          guest 108 (nextcloud) is stopped
        web               unknown         5m        -  ············
          no target while the link is ambiguous
        db                healthy         5m  0.15 ms  ████████████
        jellyfin          healthy         5m  1.00 ms  ████████████
        old               disabled        5m        -  ············
        """)
  }

  @Test func fitsATerminalOf200() {
    let shown = lines(199, Array(Healths.all[..<3]))
    #expect(
      shown.dropFirst().joined(separator: "\n") == """
        ROUTE      STATUS         FOR  LATENCY  CHECKS                          24 HOURS                       UP  CAUSE
        nextcloud  unhealthy    2h 5m        -                              ××  ····················█▇▃▁  58.75 %  guest 108 (nextcloud) is stopped
        jellyfin   healthy         5m  1.00 ms                        ▂▂▂▂█×▂▂  ████████████████████████    100 %
        old        disabled        5m        -                                  ························        -
        """)
    #expect(shown[0].hasPrefix("3 routes  1 down") && shown[0].hasSuffix(" \(Self.clock)"))
    #expect(DisplayWidth.of(shown[0]) == 199)
  }

  @Test(arguments: [1, 5, 10, 24, 39, 40, 49, 50, 59, 60, 71, 72, 79, 80, 99, 100, 139, 140, 200, 400], [false, true])
  func isNeverWiderThanTheTerminal(width: Int, usesColor: Bool) {
    let wide = Healths.health("日本語のルート", "unhealthy", cause: String(repeating: "原因", count: 200))
    for line in lines(width, Healths.all + [wide], usesColor: usesColor) {
      #expect(DisplayWidth.of(Self.withoutColor(line)) <= width, "\(line)")
    }
  }

  @Test(arguments: [1, 2, 3, 4, 5, 8, 11, 12])
  func isNeverHigherThanTheTerminal(height: Int) {
    let shown = lines(79, height: height)
    #expect(shown.count <= max(2, height))
    #expect(shown.contains { $0.hasPrefix("lines ") } == (height > 2 && height < 11))
  }

  @Test func saysThatThereIsMore() {
    #expect(lines(79, height: 7).last == "lines 1-4 of 9; arrow and page keys scroll, q quits")
  }

  @Test func showsColorsOnlyWhereAsked() {
    #expect(!lines(79).joined().contains("\u{1b}"))
    let colored = lines(79, usesColor: true)
    #expect(colored.contains { $0.contains("\u{1b}[31munhealthy\u{1b}[0m") })
    #expect(colored.contains { $0.contains("\u{1b}[31m  guest 108 (nextcloud) is stopped\u{1b}[0m") })
    #expect(colored.map(Self.withoutColor) == lines(79))
  }

  @Test func keepsWhatWasKnownWhileTheAgentIsAway() {
    var board = Healths.board([Healths.health("plex")])
    board.lose("nobody listens", at: Healths.now - 75)
    board.lose("no such socket", at: Healths.now - 5)
    let shown = board.page(width: 79, usesColor: false, now: Healths.now).lines(height: 24)
    #expect(shown[1] == "no answer for 1m 15s, trying again: no such socket")
    #expect(shown.last?.hasPrefix("plex ") == true)
    let colored = board.page(width: 79, usesColor: true, now: Healths.now).lines(height: 24)
    #expect(colored.last?.contains("\u{1b}[32m") == false, "nothing green of the past")
    board.apply(Healths.list([Healths.health("plex")]))
    #expect(!board.page(width: 79, usesColor: false, now: Healths.now).lines(height: 24).joined().contains("no answer"))
  }

  @Test func saysWhatIsWrongThoughItIsUp() {
    var (flapping, ending, expired) = (Healths.health("a"), Healths.health("b"), Healths.health("c"))
    flapping.isFlapping = true
    flapping.detail = "flapping, 5 changes in 10 min: 200 OK"
    ending.certificateDaysLeft = 5
    expired.certificateDaysLeft = -1
    let shown = lines(79, [Healths.health("0-fine"), flapping, ending, expired])
    #expect(
      shown.dropFirst(2).map { $0.prefix { $0 != " " }.isEmpty ? $0 : String($0.prefix { $0 != " " }) } == [
        "a", "  flapping, 5 changes in 10 min: 200 OK", "b", "  certificate: 5 days left", "c",
        "  certificate: expired 1 day ago", "0-fine",
      ])
  }

  @Test func aRoutesNameCannotDriveTheTerminal() {
    let shown = lines(79, [Healths.health("x", "unhealthy", cause: "\u{1b}[2J\nboo")])
    #expect(shown.last == "   [2J boo")
  }

  private static func withoutColor(_ line: String) -> String {
    line.replacing(#/\u{1b}\[[0-9;]*m/#, with: "")
  }
}
