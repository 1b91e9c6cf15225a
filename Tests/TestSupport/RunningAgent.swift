import Glibc
import HTTPTransport

/// `pvescout run` as a separate process, queried over its socket.
package final class RunningAgent: Sendable {
  package let files: AgentFiles
  package let program: Program
  private static let client = HTTPClient()

  /// Starts an agent with these files and waits until its socket answers. With `writing` false, the files are used as
  /// they are; `descriptors` limits the number of open files.
  package static func start(
    _ files: AgentFiles, writing: Bool = true, environment: [String: String?] = [:], descriptors: Int? = nil
  ) async throws -> RunningAgent {
    if writing { try files.write() }
    let arguments = ["run", "--config", files.configurationPath]
    let program =
      try descriptors.map { try limited(to: $0, arguments) }
      ?? Program(Checkout.product("pvescout"), arguments, environment: environment)
    return try await started(files, by: program)
  }

  /// Waits until the socket of an agent answers.
  ///
  /// - Parameter program: the agent itself, or what starts it with its own output.
  package static func started(_ files: AgentFiles, by program: Program) async throws -> RunningAgent {
    let agent = RunningAgent(files, program)
    _ = try await eventually("the agent answers") {
      if let status = program.exitStatus { throw Ended(status: status, errors: program.errors) }
      return try? await agent.get("/livez")
    }
    return agent
  }

  /// Starts the program with a limit of file descriptors.
  package static func limited(to descriptors: Int, _ arguments: [String]) throws -> Program {
    let script = "ulimit -n \(descriptors); exec \"$0\" \"$@\""
    return try Program("/bin/sh", ["-c", script, Checkout.product("pvescout")] + arguments)
  }

  /// Starts an agent and waits until it is ready: every cluster was read and every route file was loaded.
  package static func ready(
    _ files: AgentFiles, environment: [String: String?] = [:], descriptors: Int? = nil
  ) async throws -> RunningAgent {
    let agent = try await start(files, environment: environment, descriptors: descriptors)
    _ = try await eventually("the agent is ready; it said:\n\(agent.program.errors)") {
      try await agent.status(of: "/readyz") == 200 ? true : nil
    }
    return agent
  }

  private init(_ files: AgentFiles, _ program: Program) { (self.files, self.program) = (files, program) }

  /// The status of a response, and its body if that is JSON.
  package func send(_ path: String) async throws -> (status: Int, body: JSON) {
    try await send(HTTPRequest(.get, "http://localhost\(path)"))
  }

  package func status(of path: String) async throws -> Int { try await send(path).status }

  package func post(_ path: String) async throws -> (status: Int, body: JSON) {
    try await send(HTTPRequest(.post, "http://localhost\(path)"))
  }

  private func send(_ request: HTTPRequest) async throws -> (status: Int, body: JSON) {
    var request = request
    request.unixSocketPath = files.socketPath
    let answer = try await Self.client.send(request)
    return (answer.status, (try? JSON(parsing: answer.body)) ?? .null)
  }

  /// The body of a 200 response; throws for any other status.
  @discardableResult
  package func get(_ path: String) async throws -> JSON {
    let (status, body) = try await send(path)
    guard status == 200 else { throw Unexpected(path: path, status: status, body: body) }
    return body
  }

  package func route(_ alias: String) async throws -> JSON { try await get("/v1/routes/\(alias)") }

  /// Runs a query command against this agent.
  package func cli(_ arguments: String...) async throws -> Program.Finished {
    try await Program.run(
      Checkout.product("pvescout"), arguments, environment: ["PVESCOUT_SOCKET": files.socketPath])
  }

  /// Asks the agent to stop, and waits until it has.
  package func stop() async throws -> Program.ExitStatus {
    program.signal(SIGTERM)
    return try await program.exit()
  }

  package struct Ended: Error, CustomStringConvertible {
    package var status: Program.ExitStatus
    package var errors: String
    package var description: String { "the agent ended with \(status):\n\(errors)" }
  }

  package struct Unexpected: Error, CustomStringConvertible {
    package var path: String
    package var status: Int
    package var body: JSON
    package var description: String { "\(path) answered \(status): \(body)" }
  }
}
