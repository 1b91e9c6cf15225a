import ArgumentParser
import ControlAPI
import ControlClient

/// `pvescout lookup`: exits with 0 if linked, 4 if nothing was found, 5 if ambiguous.
struct Lookup: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tells what a route with such a host, address or alias would link to, and why.",
    discussion: "Exit codes: 0 where one node or guest is found, 4 where none, 5 where several.")

  @OptionGroup var options: QueryOptions

  @Option(help: "A host as a route states it: a name or an IP address.") var host: String?
  @Option(help: "An IP address.") var address: String?
  @Option(help: "A route's alias.") var alias: String?

  func validate() throws {
    guard host != nil || address != nil || alias != nil else {
      throw ValidationError("a lookup needs at least one of --host, --address and --alias")
    }
  }

  func run() async throws {
    try await options.asking { client throws(ControlClientError) in
      try await client.lookup(host: host, address: address, alias: alias)
    } then: { answer in
      try options.print(answer) { LookupView.render($0, style: $1) }
      switch answer.value.link {
      case .linked: break
      case .ambiguous: throw ExitCode.ambiguous
      case .unlinked: throw ExitCode.notFound
      }
    }
  }
}
