import ControlAPI
import ControlClient
import FoundationEssentials

/// `pvescout health --watch` without a terminal: appends lines until it is stopped; waits for an agent that goes away.
struct HealthFollower: Sendable {
  private enum News: Sendable {
    case change(EventData.HealthEvent)
    /// Routes were added or removed, or a refresh is due.
    case poll
  }

  private static let pause = Duration.seconds(1)
  /// A change just before the stream begins is not among its events.
  private static let refresh = Duration.seconds(5)

  let client: ControlClient

  /// Throws if the first request to the agent fails.
  func run() async throws {
    var log = HealthLog()
    try print(log.record(try await client.healthHistory().value, at: Date()))
    var isLost = false
    while !Task.isCancelled {
      do {
        let state = try await client.healthHistory().value
        if isLost { Terminal.say("pvescout: the agent answers again") }
        isLost = false
        try print(log.record(state, at: Date()))
        try await follow(&log)
      } catch let error as ControlClientError {
        if !isLost { Terminal.say("pvescout: trying again: \(error)") }
        isLost = true
      }
      try await Task.sleep(for: Self.pause)
    }
  }

  /// Follows events until the agent can no longer be reached.
  private func follow(_ log: inout HealthLog) async throws {
    let (news, report) = AsyncThrowingStream<News, any Error>.makeStream()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        do {
          // No timeout, so that an agent that stays away is noticed.
          for try await event in client.events(types: ["health.changed", "route.removed"], timeout: .zero) {
            if case .health(let change) = try event.decoded() {
              report.yield(.change(change))
            } else {
              report.yield(.poll)
            }
          }
          report.finish()
        } catch {
          report.finish(throwing: error)
        }
      }
      group.addTask {
        while (try? await Task.sleep(for: Self.refresh)) != nil { report.yield(.poll) }
      }
      defer { group.cancelAll() }
      for try await item in news {
        switch item {
        case .change(let change): try print([log.record(change)].compactMap { $0 })
        case .poll: try print(log.record(try await client.healthHistory().value, at: Date()))
        }
      }
    }
  }

  private func print(_ lines: [String]) throws {
    guard !lines.isEmpty else { return }
    try Terminal.print(lines.map { $0 + "\n" }.joined())
  }
}
