import ArgumentParser
import ControlAPI
import ControlClient

/// `pvescout notify`
struct Notify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tests the destinations of notify.",
    discussion: """
      Examples:
        pvescout notify test phone
      """,
    subcommands: [Test.self])

  /// `pvescout notify test NAME`
  struct Test: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Makes the agent send a test notice, and shows what the destination answered.",
      discussion: """
        The agent sends it once, as it sends real notices; no route changes, and notices that wait are left alone. Its \
        event is 'test'. The users that may reload may do this.

        Examples:
          pvescout notify test phone
        """)

    @OptionGroup var options: QueryOptions

    @Argument(help: "The name of an entry of notify in the agent's file.")
    var name: String

    func validate() throws {
      guard !name.isEmpty else { throw ValidationError("NAME is empty: it is the name of an entry of notify") }
    }

    func run() async throws {
      let name = name
      try await options.show { client throws(ControlClientError) in
        try await client.testNotice(to: name)
      } as: { answer, _ in
        DisplayWidth.printable("\(answer.name): delivered to \(answer.destination), \(answer.answer)") + "\n"
      }
    }
  }
}
