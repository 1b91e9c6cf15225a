import ArgumentParser
import ControlClient

/// `-w`: shows the list again after each change.
struct WatchOptions: ParsableArguments {
  @OptionGroup var query: QueryOptions

  @Flag(name: .shortAndLong, help: "Show the list again whenever it changes; arrow and page keys scroll, q quits.")
  var watch = false

  /// Prints the answer once, or follows it with `-w`: on a terminal in place, otherwise below the old one.
  ///
  /// - Parameter hasHeading: whether the table's first line stays while the others scroll.
  func show<Value: Sendable>(
    hasHeading: Bool = true,
    _ ask: @escaping @Sendable (ControlClient) async throws(ControlClientError) -> DecodedAnswer<Value>,
    as table: @escaping @Sendable (Value, TableStyle) -> String
  ) async throws {
    guard watch else { return try await query.show(ask, as: table) }
    Terminal.ignoreBrokenPipes()
    let client = query.agent.client()
    let watch = AgentWatch(client: client)
    do {
      if query.output == .table, Terminal.hasScreen {
        let board = TableBoard(hasHeading: hasHeading, table)
        try await LiveScreen(board, watch: watch, usesColor: query.style.usesColor) {
          () async throws(ControlClientError) in try await ask(client).value
        }.run()
      } else {
        let (isJSON, style) = (query.output == .json, query.style)
        try await ListFollower(watch: watch, separator: isJSON ? "" : "\n") { () async throws(ControlClientError) in
          let answer = try await ask(client)
          return isJSON ? String(decoding: answer.body, as: UTF8.self) : table(answer.value, style)
        }.run()
      }
    } catch let error as ControlClientError {
      throw error.reported()
    }
  }
}
