import ArgumentParser
import ControlClient
import FoundationEssentials

/// Which agent to ask.
struct AgentOptions: ParsableArguments {
  static let defaultSocket = "/run/pvescout/pvescout.sock"

  @Option(help: "The agent's socket (else $PVESCOUT_SOCKET, else \(Self.defaultSocket)).")
  var socket: String?

  func client() -> ControlClient {
    let named = socket ?? ProcessInfo.processInfo.environment["PVESCOUT_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
    return ControlClient(socketPath: named ?? Self.defaultSocket)
  }
}
