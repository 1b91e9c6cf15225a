import ControlAPI
import Foundation
import Testing

@testable import Commands

@Suite struct StatusViewTests {
  private func render(
    _ clusters: [ReadinessAnswer.Cluster] = [], problems: [String] = [], refused: [String] = []
  ) -> String {
    StatusView.render(
      APIInfo(startedAt: Date(), generation: 1, routes: ["http": 12, "stream": 3, "excluded": 0]),
      ReadinessAnswer(
        ready: true, providers: [], clusters: clusters, problems: problems + refused, refused: refused), style: .plain)
  }

  @Test func reportsWhatIsOldFromWhatIsWrong() {
    let text = render([
      .init(name: "a", ready: true, stale: false, error: nil),
      .init(name: "b", ready: true, stale: false, error: "this is the cluster that 'a' reads already"),
      .init(name: "c", ready: true, stale: true, error: "refused"),
      .init(name: "d", ready: false, stale: true, error: "refused"),
    ])
    let lines = text.split(separator: "\n").filter { $0.hasPrefix("cluster") }.map { $0.drop { $0 != ":" } }
    #expect(
      lines == [
        ": read", ": this is the cluster that 'a' reads already", ": known from before: refused",
        ": not read yet: refused",
      ])
  }

  @Test func sumsUpWhatTheAgentHas() {
    let lines = StatusView.render(
      APIInfo(startedAt: Date(), generation: 1, routes: [:]),
      ReadinessAnswer(
        ready: true, providers: [],
        clusters: [.init(name: "a", ready: true, stale: true, error: "refused", nodes: 1, guests: 14)],
        links: .init(linked: 5, ambiguous: 1, unlinked: 2, down: 3), problems: [], refused: []), style: .plain
    ).split(separator: "\n")
    #expect(lines.contains("links       5 linked, 1 ambiguous, 2 unlinked; 3 down"), "\(lines)")
    #expect(lines.contains("cluster     a: 1 node, 14 guests, known from before: refused"), "\(lines)")
  }

  @Test func countsTheRoutesOfEachPool() {
    #expect(render().split(separator: "\n").contains("routes      12 http, 3 stream, 0 excluded"))
  }

  @Test func saysThatTheFilesAreNotInForce() throws {
    let lines = render(problems: ["unmatched"], refused: ["r.yml:9:13: port 99999"]).split(separator: "\n")
    let reload = try #require(lines.firstIndex { $0.hasPrefix("reload") && $0.contains("not in force") })
    #expect(lines[reload - 1].contains("unmatched"))
    #expect(lines[reload + 1].contains("port 99999"))
    #expect(!render(problems: ["unmatched"]).contains("reload"))
  }
}
