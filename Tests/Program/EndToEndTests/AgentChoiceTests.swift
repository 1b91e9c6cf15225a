import TestSupport
import Testing

/// The agent that a command contacts, and the exit code if that fails.
@Suite(.serialized, .inTurn) struct AgentChoiceTests {
  private static let none = "/tmp/pvs-none/agent.sock"

  @Test(.timeLimit(.minutes(10))) func theOptionGoesBeforeTheEnvironment() async throws {
    let agent = try await RunningAgent.start(try AgentFiles())
    func status(_ socket: String?, environment: String) async throws -> Program.ExitStatus {
      try await Program.run(
        Checkout.product("pvescout"), ["routes"] + (socket.map { ["--socket", $0] } ?? []),
        environment: ["PVESCOUT_SOCKET": environment]
      ).status
    }
    #expect(try await status(agent.files.socketPath, environment: Self.none) == .code(0))
    #expect(try await status(Self.none, environment: agent.files.socketPath) == .code(3))
    #expect(try await status(nil, environment: agent.files.socketPath) == .code(0))
    #expect(try await status(nil, environment: Self.none) == .code(3))
  }

  @Test(.timeLimit(.minutes(10))) func statusEndsWith1UntilTheAgentIsReady() async throws {
    let files = try AgentFiles(
      clusters: [
        "  - {name: lab, endpoints: [\"https://127.0.0.1:1\"], token_id: a@pve!b, token_secret: secret, tls: {insecure: true}}"
      ])
    let agent = try await RunningAgent.start(files)
    let status = try await agent.cli("status")
    #expect(status.status == .code(1) && status.output.hasLine(with: "ready", "no"), "\(status)")
    #expect(try await agent.cli("status", "-o", "json").status == .code(1))
    #expect(try await agent.cli("status", "--wait", "1").status == .code(1))
  }
}
