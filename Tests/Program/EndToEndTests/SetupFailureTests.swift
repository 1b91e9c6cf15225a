import PVESimulator
import TestSupport
import Testing

/// `pvescout setup` that cannot be finished leaves nothing behind, and sends nothing to a host that was not confirmed.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10))) struct SetupFailureTests {
  private func expectNothing(of lab: SetupLab, _ setup: Program.Finished) {
    #expect(setup.status == .code(1), "\(setup.said)")
    #expect(lab.tokens.isEmpty && lab.simulator.cluster.users.map(\.name) == ["root@pam"])
    #expect(lab.simulator.cluster.roles.isEmpty && lab.files.isEmpty)
  }

  @Test(arguments: ["/access/users/pvescout@pve/token", "/access/acl", "/access/permissions"])
  func takesBackWhatItCreated(path: String) async throws {
    let lab = try await SetupLab(version: PVEVersion(8, 4, 1))
    // The first grant is made and taken back.
    let method = path == "/access/acl" ? "PUT" : nil
    lab.simulator.inject(Fault(.status(500, "cluster not ready - no quorum?"), method: method, path: path, times: 1))
    let setup = try await lab.setup(lab.unattended)
    expectNothing(of: lab, setup)
    #expect(setup.errors.contains("no quorum") && setup.output.contains("Took back user pvescout@pve"), "\(setup.said)")
    await lab.simulator.shutdown()
  }

  /// The user and the role are another machine's, too.
  @Test func takesBackNothingThatWasThere() async throws {
    let lab = try await SetupLab(version: PVEVersion(8, 4, 1))
    _ = try await lab.setup(lab.unattended)
    lab.simulator.inject(Fault(.status(500, "no"), method: "PUT", path: "/access/acl", times: 1))
    let other = lab.folder.file("other")
    let failed = try await lab.setup(lab.unattended + ["--token-name", "agent-two"], into: other)
    #expect(failed.status == .code(1) && lab.tokens == ["pvescout@pve!agent-one"], "\(failed.said)")
    #expect(try await lab.isWell())
    await lab.simulator.shutdown()
  }

  @Test func stopsWhereFilesCannotBeWritten() async throws {
    let lab = try await SetupLab()
    try lab.folder.write("a file", to: "file")
    let setup = try await lab.setup(lab.unattended, into: lab.folder.file("file/etc"))
    expectNothing(of: lab, setup)
    #expect(lab.changes == ["POST /access/ticket"], "\(setup.said)")
    await lab.simulator.shutdown()
  }

  @Test func sendsNothingToAnotherCertificate() async throws {
    let lab = try await SetupLab()
    let wrong = lab.simulator.fingerprint.dropLast() + (lab.simulator.fingerprint.hasSuffix("0") ? "1" : "0")
    let setup = try await lab.setup([
      "--yes", "--fingerprint", String(wrong), "--password-file", lab.folder.file("password"),
    ])
    expectNothing(of: lab, setup)
    // The handshake fails, so no request gets there.
    #expect(lab.simulator.requests().isEmpty && setup.errors.contains(lab.simulator.fingerprint), "\(setup.said)")
    await lab.simulator.shutdown()
  }

  @Test(arguments: ["n\n", "\n", "maybe\n"])
  func sendsNoLoginBeforeTheCertificateIsConfirmed(answer: String) async throws {
    let lab = try await SetupLab()
    let setup = try await lab.setup(["--password-file", lab.folder.file("password")], input: answer)
    expectNothing(of: lab, setup)
    #expect(setup.errors.contains(lab.simulator.fingerprint), "\(setup.said)")
    #expect(lab.changes.isEmpty && lab.simulator.credentialCount == 0)
    await lab.simulator.shutdown()
  }

  @Test(arguments: [
    (["--yes"], "--fingerprint or --ca-file"), (["--fingerprint", "AA:BB"], "64 hex digits, found 4"),
    (["--ca-file", "/nonexistent"], "PEM certificate"), (["--token-name", "1"], "begin with a letter"),
    (["--username", "root@pam!token"], "tokens cannot create tokens"),
  ])
  func refusesOptionsThatCannotWork(options: [String], text: String) async throws {
    let setup = try await Program.run(Checkout.product("pvescout"), ["setup", "127.0.0.1:1"] + options)
    #expect(setup.status == .code(64) && setup.errors.contains(text), "\(setup.said)")
  }

  @Test func saysWhichCredentialsAreWrong() async throws {
    let lab = try await SetupLab()
    try lab.folder.write("wrong", to: "password")
    let setup = try await lab.setup(lab.unattended)
    expectNothing(of: lab, setup)
    #expect(setup.errors.contains("PVE refuses the login of root@pam"), "\(setup.said)")
    await lab.simulator.shutdown()
  }
}
