import ArgumentParser
import ControlAPI
import ControlClient
import FoundationEssentials

/// A shell's completions from the running agent: empty if it does not answer soon.
extension CompletionKind {
  static let aliases = fromAgent { try await $0.routes().value.routes.map(\.alias) }
  static let providers = fromAgent { try await Array($0.providers().value.providers.keys) }
  static let nodes = fromAgent { try await $0.nodes().value.nodes.map(\.name) }
  static let clusters = fromAgent { try await $0.clusters().value.clusters.map(\.name) }
  static let vmids = fromAgent { try await $0.guests().value.guests.map { "\($0.vmid)" } }

  /// Short, because a person is waiting at a prompt.
  private static let timeout = Duration.seconds(1)

  private static func fromAgent(
    _ names: @escaping @Sendable (ControlClient) async throws -> [String]
  ) -> CompletionKind {
    .custom { words, _, prefix in
      let environment = ProcessInfo.processInfo.environment
      let socket = AgentOptions.socketPath(named(in: words), environment: environment)
      let found = (try? await names(ControlClient(socketPath: socket, timeout: timeout))) ?? []
      return Set(found).filter { $0.hasPrefix(prefix) }.sorted()
    }
  }

  /// The value of `--socket` among the words of a command line.
  private static func named(in words: [String]) -> String? {
    if let joined = words.last(where: { $0.hasPrefix("--socket=") }) { return String(joined.dropFirst(9)) }
    return words.lastIndex(of: "--socket").flatMap { $0 + 1 < words.count ? words[$0 + 1] : nil }
  }
}
