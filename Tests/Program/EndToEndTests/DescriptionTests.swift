import TestSupport
import Testing

/// Tests the socket against its own description, `/v1/openapi.json`.
@Suite(.serialized, .inTurn, .sharedCluster, .timeLimit(.minutes(10)))
struct DescriptionTests {
  /// schemathesis sends valid and invalid requests to each path, according to its description.
  @Test func isKept() async throws {
    let pve = try SharedCluster.required()
    let guest = try pve.guest("plex")
    let agent = try await RunningAgent.ready(
      AgentFiles(
        clusters: [pve.entry()],
        routes: [
          "routes.yml": """
          web: {host: \(guest.address ?? "none"), port: 80}
          ssh: {host: 127.0.0.1, port: "0:22"}
          web-old: {host: 127.0.0.1, port: 81}
          """
        ]))
    let said = try await Program.run(
      try Checkout.labPython(), ["-B", "\(Checkout.root)/Tests/Lab/openapi_lab.py", agent.files.socketPath],
      within: .seconds(480))
    #expect(said.status == .code(0), "\(said.output)\(said.errors)")
    #expect(agent.program.exitStatus == nil)
  }
}
