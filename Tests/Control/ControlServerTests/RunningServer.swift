import ControlClient
import ControlServer
import HTTPTransport
import Logging
import ServerSockets
import ServiceLifecycle
import TestSupport

/// Runs a server on its own socket during `body`, then stops it gracefully.
func withServer<Result: Sendable>(
  _ agent: StubAgent = StubAgent(), heartbeat: Duration = .seconds(15), timeouts: ControlTimeouts = ControlTimeouts(),
  descriptors: DescriptorBudget = DescriptorBudget(), configure: (inout SocketConfiguration) -> Void = { _ in },
  _ body: @escaping @Sendable (ControlClient, SocketConfiguration) async throws -> Result
) async throws -> Result {
  let folder = try TemporaryDirectory()
  var configuration = SocketConfiguration()
  configuration.path = folder.file("p.sock")
  configure(&configuration)
  defer { withExtendedLifetime(folder) {} }
  return try await withServer(
    agent, on: configuration, heartbeat: heartbeat, timeouts: timeouts, descriptors: descriptors, body)
}

func withServer<Result: Sendable>(
  _ agent: StubAgent, on configuration: SocketConfiguration, heartbeat: Duration = .seconds(15),
  timeouts: ControlTimeouts = ControlTimeouts(), descriptors: DescriptorBudget = DescriptorBudget(),
  _ body: @escaping @Sendable (ControlClient, SocketConfiguration) async throws -> Result
) async throws -> Result {
  let (listening, isListening) = AsyncStream<Void>.makeStream()
  let server = ControlServer(
    configuration: configuration, agent: agent, heartbeat: heartbeat, timeouts: timeouts, descriptors: descriptors,
    logger: .silent
  ) { isListening.finish() }
  let group = ServiceGroup(configuration: .init(services: [server], logger: .silent))
  return try await withThrowingTaskGroup(of: Void.self) { tasks in
    tasks.addTask {
      defer { isListening.finish() }
      try await group.run()
    }
    for await _ in listening {}
    let outcome: Swift.Result<Result, any Error>
    do {
      outcome = .success(try await body(ControlClient(socketPath: configuration.path), configuration))
    } catch {
      outcome = .failure(error)
    }
    await group.triggerGracefulShutdown()
    try await tasks.next()
    return try outcome.get()
  }
}

extension Logger {
  static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}

/// A plain request, as `curl --unix-socket` makes it.
func send(_ method: HTTPRequest.Method = .get, _ path: String, to socket: String) async throws -> HTTPResponse {
  var request = HTTPRequest(method, "http://localhost\(path)")
  request.unixSocketPath = socket
  return try await HTTPClient().send(request)
}
