import ControlClient
import Synchronization

/// `--watch` without a terminal: prints the list below the old one if it differs; waits for an agent that goes away.
struct ListFollower: Sendable {
  private struct State {
    var last: String
    var isLost = false

    /// Returns whether the text is another one, and whether the agent was lost.
    mutating func record(_ text: String) -> (isNew: Bool, wasLost: Bool) {
      defer { (last, isLost) = (text, false) }
      return (text != last, isLost)
    }

    /// Returns whether it was there before.
    mutating func lose() -> Bool {
      defer { isLost = true }
      return !isLost
    }
  }

  let watch: AgentWatch
  /// Printed between two lists.
  let separator: String
  /// Asks the agent for the list as text.
  let ask: @Sendable () async throws(ControlClientError) -> String

  /// Throws if the first request to the agent fails.
  func run() async throws {
    let first = try await ask()
    try Terminal.print(first)
    let state = Mutex(State(last: first))
    try await watch.run {
      let (text, news): (String, (isNew: Bool, wasLost: Bool))
      do throws(ControlClientError) {
        text = try await ask()
        news = state.withLock { $0.record(text) }
      } catch {
        if state.withLock({ $0.lose() }) { Terminal.say("pvescout: trying again: \(error)") }
        return
      }
      if news.wasLost { Terminal.say("pvescout: the agent answers again") }
      if news.isNew { try Terminal.print(separator + text) }
    }
  }
}
