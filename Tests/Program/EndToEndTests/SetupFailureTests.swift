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
  @Test(arguments: [("PUT", "/access/acl"), ("GET", "/access/acl"), ("GET", "/access/permissions")])
  func takesBackNothingThatWasThere(method: String, path: String) async throws {
    let lab = try await SetupLab(version: PVEVersion(8, 4, 1))
    _ = try await lab.setup(lab.unattended)
    lab.simulator.inject(Fault(.status(500, "no"), method: method, path: path, times: 1))
    let other = lab.folder.file("other")
    let failed = try await lab.setup(lab.unattended + ["--token-name", "agent-two"], into: other)
    #expect(failed.status == .code(1) && lab.tokens == ["pvescout@pve!agent-one"], "\(failed.said)")
    #expect(try await lab.isWell())
    await lab.simulator.shutdown()
  }

  @Test func changesNoGrantThatIsNarrower() async throws {
    let lab = try await SetupLab()
    let narrow = Permissions(["/": Permissions.Role(["VM.Audit"], propagates: false, name: "PVEAuditor")])
    lab.simulator.update { $0.users.append(SimulatedUser(name: "pvescout@pve", password: "", permissions: narrow)) }
    let setup = try await lab.setup(lab.unattended)
    #expect(setup.status == .code(1), "\(setup.said)")
    #expect(setup.errors.contains("pveum acl modify / --users 'pvescout@pve' --roles PVEAuditor --propagate 1"))
    #expect(lab.changes == ["POST /access/ticket"] && lab.files.isEmpty)
    await lab.simulator.shutdown()
  }

  /// The old secret cannot come back: the new one must not be lost.
  @Test(arguments: ["/access/acl", "/access/permissions"])
  func goesOnAfterAReplacementThatFailed(path: String) async throws {
    let lab = try await SetupLab()
    _ = try await lab.setup(lab.unattended)
    let old = lab.content("home.secret")
    let method = path == "/access/acl" ? "PUT" : nil
    lab.simulator.inject(Fault(.status(500, "no quorum"), method: method, path: path, times: 1))
    let failed = try await lab.setup(lab.unattended + ["--replace-token"])
    #expect(failed.status == .code(1) && failed.output.contains("works no longer"), "\(failed.said)")
    let secret = try #require(lab.simulator.cluster.tokens.first?.secret)
    #expect(lab.content("home.secret") == secret + "\n" && lab.content("home.secret") != old)
    let options = lab.trusting + ["--username", "root@pam", "--password-file", lab.folder.file("password")]
    let again = try await lab.setup(options, input: "y\n")
    #expect(again.status == .code(0), "\(again.said)")
    #expect(try await lab.isWell())
    await lab.simulator.shutdown()
  }

  /// What this run did not make stays, even if it is worth nothing.
  @Test func aFileThatCouldNotBeReplacedStays() async throws {
    let lab = try await SetupLab()
    _ = try await lab.setup(lab.unattended)
    let old = lab.content("home.secret")
    lab.simulator.update { $0.tokens.removeAll() }
    lab.simulator.inject(Fault(.status(500, "no quorum"), path: "/access/permissions", times: 1))
    let failed = try await lab.setup(lab.unattended + ["--replace-token"])
    #expect(failed.status == .code(1) && lab.tokens.isEmpty && lab.content("home.secret") == old, "\(failed.said)")
    await lab.simulator.shutdown()
  }

  /// An agent may read without a check; root's password is not sent without one.
  @Test func asksForTheCertificateOfAnInsecureEntry() async throws {
    let lab = try await SetupLab()
    let entry = """
      proxmox:
        - name: home
          endpoints: [\(lab.simulator.url)]
          token_id: a@pve!b
          token_secret_file: home.secret
          tls: {insecure: true}

      """
    try lab.folder.write(entry, to: "etc/pvescout.yml")
    try lab.folder.write("0123-4567\n", to: "etc/home.secret")
    let options = ["--username", "root@pam", "--password-file", lab.folder.file("password")]
    let setup = try await lab.setup(options, input: "n\n")
    #expect(setup.status == .code(1) && setup.errors.contains(lab.simulator.fingerprint), "\(setup.said)")
    #expect(lab.changes.isEmpty)
    await lab.simulator.shutdown()
  }

  @Test func stopsBesideAnotherCA() async throws {
    let lab = try await SetupLab()
    try lab.folder.write("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", to: "etc/home.ca.pem")
    let options = [
      "--yes", "--ca-file", try lab.folder.write(lab.simulator.certificatePEM, to: "ca.pem"), "--password-file",
      lab.folder.file("password"),
    ]
    let setup = try await lab.setup(options)
    #expect(setup.status == .code(1) && setup.errors.contains("other certificates"), "\(setup.said)")
    #expect(lab.tokens.isEmpty && lab.files == ["home.ca.pem"])
    await lab.simulator.shutdown()
  }

  @Test func saysWhereALoginBelongs() async throws {
    let setup = try await Program.run(Checkout.product("pvescout"), ["setup", "root@10.0.0.11"])
    #expect(setup.status == .code(64) && setup.errors.contains("--username"), "\(setup.said)")
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
