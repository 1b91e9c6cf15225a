import Foundation
import HTTPTransport
import TestSupport
import Testing

/// From `pvescout setup` against fakepve to an agent that serves linked routes.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10))) struct SetupToRoutesTests {
  private func setup(_ pve: FakePVE, _ files: AgentFiles, _ trust: [String]) async throws -> Program.Finished {
    let password = try files.directory.write(pve.manifest.password, to: "password")
    return try await Program.run(
      Checkout.product("pvescout"),
      ["setup", pve.manifest.endpoints[0], "--yes", "--password-file", password, "--directory", files.directory.path]
        + trust)
  }

  /// Like a user's edit: the socket and the state of this agent belong into its own folder.
  private func keepToItself(_ files: AgentFiles) throws {
    let text = try String(contentsOfFile: files.configurationPath, encoding: .utf8)
    try files.directory.write(
      text + "socket: {path: \(files.socketPath)}\nstate_dir: \(files.directory.file("state"))\n", to: "pvescout.yml")
  }

  @Test func linksItsFirstRoutes() async throws {
    let pve = try await FakePVE.start(nodes: 2, lxc: 8, vms: 1)
    let jellyfin = try #require(try pve.guest("jellyfin").address)
    try await pve.control(["op": "serve", "address": .string(jellyfin), "port": 8096])
    let files = try AgentFiles()
    let ran = try await setup(pve, files, ["--fingerprint", "sha256 Fingerprint=\(pve.manifest.fingerprint)"])
    #expect(ran.status == .code(0), "\(ran.said)")
    try keepToItself(files)
    let agent = try await RunningAgent.start(files, writing: false)
    let route = try await eventually("jellyfin is linked and healthy") {
      let route = try await agent.route("jellyfin")
      return route["health"]["status"] == "healthy" ? route : nil
    }
    #expect(route["link"]["state"] == "linked" && route["link"]["matched_by"] == "alias", "\(route)")
    #expect(try await agent.route("pve2")["link"]["state"] == "linked")
    // Guests that do not answer are not suggested.
    #expect(try await agent.send("/v1/routes/gitea").status == 404)
    let clusters = try await agent.get("/v1/clusters")["clusters"].elements
    #expect(clusters.map { $0["name"] } == ["lab"])
    #expect(try await agent.stop() == .code(0))
  }

  @Test func copiesTheCAForTheAgent() async throws {
    let pve = try await FakePVE.start(nodes: 2, lxc: 2, vms: 0)
    let files = try AgentFiles()
    let ran = try await setup(pve, files, ["--ca-file", pve.manifest.ca_file])
    #expect(ran.status == .code(0), "\(ran.said)")
    let copy = try String(contentsOfFile: files.directory.file("lab.ca.pem"), encoding: .utf8)
    #expect(copy == (try String(contentsOfFile: pve.manifest.ca_file, encoding: .utf8)))
    let configuration = try String(contentsOfFile: files.configurationPath, encoding: .utf8)
    #expect(configuration.contains("tls: {ca_file: lab.ca.pem}") && !configuration.contains("fingerprint"))
    for endpoint in pve.manifest.endpoints { #expect(configuration.contains("- \(endpoint)\n")) }
  }
}
