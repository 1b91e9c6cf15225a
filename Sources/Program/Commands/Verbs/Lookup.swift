import ArgumentParser
import ControlAPI
import ControlClient

/// `pvescout lookup`: exits with 0 if linked, 4 if nothing was found, 5 if ambiguous.
struct Lookup: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows what a route with such a host, address or alias would link to, and why.",
    discussion: """
      Exit codes: 0 where one node or guest is found, 4 where none, 5 where several.

      Examples:
        pvescout lookup --host 10.0.0.50
        pvescout lookup --alias jellyfin
      """)

  @OptionGroup var options: QueryOptions

  @Option(help: "A host as a route states it: a name or an IP address.") var host: String?
  @Option(help: "An IP address.") var address: String?
  @Option(help: "A route's alias.") var alias: String?

  func validate() throws {
    guard host != nil || address != nil || alias != nil else {
      throw ValidationError("a lookup needs at least one of --host, --address and --alias")
    }
    for (option, text) in [("--host", host), ("--address", address)] {
      guard let text, let alone = Self.hostAlone(in: text) else { continue }
      throw ValidationError(
        "\(option) takes a name or an address alone, found '\(text)': write \(option) \(alone). Ports and schemes do not "
          + "count for a link")
    }
  }

  /// The host of `host:port`, `[IPv6]:port` or a URL; nil for a host alone.
  private static func hostAlone(in text: String) -> String? {
    guard let scheme = text.firstRange(of: "://") else {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
        return String(text[text.index(after: text.startIndex)..<end])
      }
      return parts.count == 2 && !parts[0].isEmpty && parts[1].allSatisfy(\.isNumber) ? String(parts[0]) : nil
    }
    let authority = String(text[scheme.upperBound...].prefix { !"/?#".contains($0) })
    return hostAlone(in: authority) ?? authority
  }

  func run() async throws {
    try await options.request { client throws(ControlClientError) in
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
