import ControlClient

/// Refreshes a view after each event of the agent and every two seconds, because latencies and ages change without one.
/// Waits for an agent that has ended.
struct AgentWatch: Sendable {
  private static let refresh = Duration.seconds(2)
  /// The minimum interval of refreshes, however many events occur.
  private static let minInterval = Duration.milliseconds(200)

  let client: ControlClient
  /// Of events; empty for all.
  var types: [String] = []

  /// Ends when it is cancelled or `refresh` throws.
  func run(_ refresh: @escaping @Sendable () async throws -> Void) async throws {
    let (signals, signal) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await followEvents(signal) }
      group.addTask {
        while (try? await Task.sleep(for: Self.refresh)) != nil { signal.yield() }
      }
      group.addTask {
        for await _ in signals {
          try await refresh()
          try await Task.sleep(for: Self.minInterval)
        }
      }
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  private func followEvents(_ signal: AsyncStream<Void>.Continuation) async {
    while !Task.isCancelled {
      do {
        for try await _ in client.events(types: types) { signal.yield() }
      } catch {
        // The refreshes fail for the same reason.
        try? await Task.sleep(for: Self.refresh)
      }
    }
  }
}
