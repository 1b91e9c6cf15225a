import ArgumentParser
import ControlAPI
import ControlClient

/// `pvescout events`
struct Events: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Follows what happens: a line an event; with -o json one object a line.",
    discussion: """
      Examples:
        pvescout events
        pvescout events --type health.changed -o json
      """)

  @OptionGroup var options: QueryOptions

  @Option(help: "Begin after this event id.") var since: UInt64?
  @Option(help: "Only events of this type, for example health.changed.") var type: [String] = []

  func run() async throws {
    Terminal.ignoreBrokenPipes()
    do {
      for try await event in options.agent.client().events(since: since, types: type) {
        try Terminal.print(options.output == .json ? Self.json(event) : EventLine.render(event, style: options.style))
      }
    } catch let error as ControlClientError {
      throw error.reported()
    }
  }

  /// The event's fields as one object; its data is unchanged.
  static func json(_ event: ServerEvent) -> String {
    "{\"id\":\(event.id.map(String.init) ?? "null"),\"event\":\"\(event.event)\",\"data\":\(event.data)}\n"
  }
}
