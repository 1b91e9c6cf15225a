import PVESimulator
import TestSupport
import Testing

/// A secret that PVE refuses, followed by the right one.
@Suite(.serialized, .inTurn) struct RefusedSecretTests {
  @Test(.timeLimit(.minutes(15))) func asksAtOnceWithANewSecretAndSeldomWithTheOld() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(guests: 3))
    var files = try AgentFiles()
    let secret = try files.directory.write("00000000-0000-0000-0000-000000000000\n", to: "secret")
    files.clusters = [
      simulator.entry(trust: "{fingerprint: \"\(simulator.fingerprint)\"}", secret: "token_secret_file: \(secret)")
    ]
    let agent = try await RunningAgent.start(files)
    try await agent.cluster("home", "is refused") { $0["error"].string?.contains("401") == true }
    // With an interval of 500 ms, several polls would have occurred by then.
    let refusedAt = ContinuousClock.now
    try await eventually("some intervals passed") { ContinuousClock.now - refusedAt > .seconds(3) ? () : nil }
    #expect(simulator.requests().count { $0.path == "/cluster/resources" } == 1)
    try files.directory.write("\(SimulatedCluster.sampleToken.secret)\n", to: "secret")
    let start = ContinuousClock.now
    try await agent.cluster("home", "is read") { $0["error"] == .null && $0["guests"] == 3 }
    #expect(agent.program.errors.hasLine(with: "file changed", secret), "\(agent.program.errors)")
    #expect(ContinuousClock.now - start < .seconds(25), "not at the end of a pause")
  }

  @Test(
    "Of a secret that systemd has copied, status says that a new one needs a restart", .timeLimit(.minutes(5)),
    arguments: [true, false])
  func asksForARestart(isCopied: Bool) async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(guests: 3))
    var files = try AgentFiles()
    let secret = try files.directory.write("00000000-0000-0000-0000-000000000000\n", to: "credentials/home.secret")
    let folder = files.directory.file("credentials")
    files.clusters = [
      simulator.entry(
        trust: "{fingerprint: \"\(simulator.fingerprint)\"}",
        secret: "token_secret_file: \(isCopied ? "${CREDENTIALS_DIRECTORY}/home.secret" : secret)")
    ]
    let agent = try await RunningAgent.start(
      files, environment: ["CREDENTIALS_DIRECTORY": isCopied ? folder : folder + "-of-another-unit"])
    try await agent.cluster("home", "is refused") { $0["error"].string?.contains("401") == true }
    let status = try await agent.cli("status")
    #expect(status.output.contains("if its file has changed since, restart pvescout") == isCopied, "\(status.output)")
  }
}
