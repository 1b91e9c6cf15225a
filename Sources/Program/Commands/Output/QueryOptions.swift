import ArgumentParser
import ControlAPI
import ControlClient
import FoundationEssentials
import JSONDocument

/// The options of every query.
struct QueryOptions: ParsableArguments {
  @OptionGroup var agent: AgentOptions

  @Option(name: .shortAndLong, help: "table, or json: the socket's answer.")
  var output = OutputFormat.table

  /// As other programs spell it.
  @Flag(name: .customLong("json"), help: .hidden)
  var asksForJSON = false

  mutating func validate() { if asksForJSON { output = .json } }

  /// Sends one request and prints the answer.
  func show<Value>(
    _ ask: (ControlClient) async throws(ControlClientError) -> DecodedAnswer<Value>,
    as table: (Value, TableStyle) -> String
  ) async throws {
    try await request { client throws(ControlClientError) in
      try await ask(client)
    } then: {
      try print($0, as: table)
    }
  }

  /// Sends a request; an error becomes a message and an exit code.
  func request<Result>(
    _ ask: (ControlClient) async throws(ControlClientError) -> Result, then use: (Result) throws -> Void
  ) async throws {
    Terminal.ignoreBrokenPipes()
    let result: Result
    do throws(ControlClientError) {
      result = try await ask(agent.client())
    } catch {
      if output == .json, case .api(_, let answer) = error { try Terminal.print(answer.json + [UInt8(ascii: "\n")]) }
      throw error.reported()
    }
    try use(result)
  }

  func print<Value>(_ answer: DecodedAnswer<Value>, as table: (Value, TableStyle) -> String) throws {
    switch output {
    case .json: try Terminal.print(answer.body)
    case .table: try Terminal.print(table(answer.value, style))
    }
  }

  var style: TableStyle { .standardOutput(environment: ProcessInfo.processInfo.environment) }
}

extension ControlClientError {
  /// Prints the error on standard error; the exit code depends on its kind.
  func reported() -> ExitCode {
    Terminal.say("pvescout: \(self)")
    switch self {
    case .agentNotReachable, .notPermitted, .timedOut: return .agentNotReachable
    case .api(404, _): return .notFound
    case .api(300, _): return .ambiguous
    // Only the agent knows the valid values of a parameter.
    case .api(400, _): return .validationFailure
    case .api, .malformedAnswer, .cancelled: return .failure
    }
  }
}

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

/// `-o`: a table for people, or the socket's answer unchanged.
package enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable { case table, json }
