import ArgumentParser
import ControlClient

/// `-w`: prints the list again after each change.
struct WatchOptions: ParsableArguments {
  /// Latencies and ages change without an event.
  private static let refresh = Duration.seconds(2)

  @OptionGroup var query: QueryOptions

  @Flag(name: .shortAndLong, help: "Show the list again whenever it changes.")
  var watch = false

  /// Prints the list once, or repeatedly with `-w`.
  func show<Value: Sendable>(
    _ ask: @escaping @Sendable (ControlClient) async throws(ControlClientError) -> Answer<Value>,
    as table: @escaping @Sendable (Value, TableStyle) -> String
  ) async throws {
    guard watch else { return try await query.show(ask, as: table) }
    Terminal.ignoreBrokenPipes()
    let client = query.agent.client()
    do {
      try await follow(client) { last in
        let answer = try await ask(client)
        try redraw(answer, &last, as: table)
      }
    } catch let error as ControlClientError {
      throw error.reported()
    }
  }

  private func follow(_ client: ControlClient, draw: @escaping @Sendable (inout String) async throws -> Void)
    async throws
  {
    let (signals, signal) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for try await _ in client.events() { signal.yield() }
      }
      group.addTask {
        while true {
          signal.yield()
          try await Task.sleep(for: Self.refresh)
        }
      }
      group.addTask {
        var last = ""
        for await _ in signals { try await draw(&last) }
      }
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  /// On a terminal in place; otherwise below the old list, if it differs.
  private func redraw<Value>(
    _ answer: Answer<Value>, _ last: inout String, as table: (Value, TableStyle) -> String
  ) throws {
    let text =
      query.output == .json ? String(decoding: answer.body, as: UTF8.self) : table(answer.value, query.style)
    guard text != last else { return }
    let isFirst = last.isEmpty
    last = text
    let lead = Terminal.isInteractive ? Terminal.clear : isFirst || query.output == .json ? "" : "\n"
    try Terminal.print(lead + text)
  }
}
