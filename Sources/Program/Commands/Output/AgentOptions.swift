import ArgumentParser
import ControlClient
import FoundationEssentials

/// The option that selects the agent.
struct AgentOptions: ParsableArguments {
  static let defaultSocket = "/run/pvescout/pvescout.sock"

  @Option(help: "The agent's socket (else $PVESCOUT_SOCKET, else \(Self.defaultSocket)).", completion: .file())
  var socket: String?

  func client() -> ControlClient {
    ControlClient(socketPath: Self.socketPath(socket, environment: ProcessInfo.processInfo.environment))
  }

  /// The socket from the option, else the environment, else the default.
  static func socketPath(_ named: String?, environment: [String: String]) -> String {
    named ?? environment["PVESCOUT_SOCKET"].flatMap { $0.isEmpty ? nil : $0 } ?? defaultSocket
  }
}
