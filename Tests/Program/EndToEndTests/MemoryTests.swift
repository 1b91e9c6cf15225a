import TestSupport
import Testing

/// The agent's memory use is limited to what it needs.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct MemoryTests {
  @Test(.timeLimit(.minutes(10))) func givesBackWhatALargeAnswerNeeded() async throws {
    let routes = (0..<3000).map { "route\($0): {host: 127.0.0.1, port: 1, healthcheck: {disable: true}}" }
    let agent = try await RunningAgent.ready(try AgentFiles(routes: ["routes.yml": routes.joined(separator: "\n")]))
    let before = try agent.count("RssAnon")
    try await withThrowingTaskGroup { group in
      for _ in 0..<8 { group.addTask { try await agent.get("/v1/routes")["routes"].elements.count } }
      for try await count in group { #expect(count == 3000) }
    }
    var now = 0
    // Sooner than the minute after which memory is returned anyway.
    try await eventually(within: .seconds(45), "\(now) kB are close to the \(before) of before") {
      now = try agent.count("RssAnon")
      return now * 5 < before * 6 ? true : nil
    }
  }
}
