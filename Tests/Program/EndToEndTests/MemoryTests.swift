import TestSupport
import Testing

/// The agent is as small as what it does.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct MemoryTests {
  @Test func givesBackWhatOnlyItsStartNeeded() async throws {
    let agent = try await RunningAgent.ready(try AgentFiles())
    var seen = (resident: 0, peak: 0)
    try await eventually("less than three quarters of the peak is resident: \(seen) kB") {
      seen = (try agent.kilobytes("VmRSS"), try agent.kilobytes("VmHWM"))
      return seen.resident * 4 < seen.peak * 3 ? true : nil
    }
    #expect(try await agent.status(of: "/livez") == 200, "what was given back is there when it is needed again")
  }
}
