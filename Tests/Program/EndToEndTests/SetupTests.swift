import Foundation
import PVESimulator
import TestSupport
import Testing

/// `pvescout setup` creates the agent's access and its files, whatever the version of PVE, and touches nothing else.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10))) struct SetupTests {
  @Test func connectsAMachine() async throws {
    let lab = try await SetupLab()
    let setup = try await lab.setup(lab.unattended)
    #expect(setup.status == .code(0), "\(setup.said)")
    #expect(lab.tokens == ["pvescout@pve!agent-one"])
    #expect(lab.files == ["home.secret", "pvescout.yml", "routes.yml"])
    let secret = String(try #require(lab.content("home.secret")).dropLast())
    #expect(lab.simulator.cluster.tokens.first?.secret == secret)
    // A group may read it on a machine that has the agent's.
    #expect([0o600, 0o640].contains(try lab.mode("home.secret")))
    for text in [setup.output, setup.errors, lab.content("pvescout.yml") ?? ""] {
      #expect(!text.contains(secret) && !text.contains(SetupLab.password))
    }
    #expect(setup.output.contains("all is well"), "\(setup.said)")
    // Its only node is at 127.0.0.1, as through a tunnel: that is no lab.
    #expect(lab.content("pvescout.yml")?.contains("loopback_guests") == false)
    await lab.simulator.shutdown()
  }

  @Test func grantsWhatPVE8Needs() async throws {
    let lab = try await SetupLab(version: PVEVersion(8, 4, 1))
    let setup = try await lab.setup(lab.unattended)
    #expect(setup.status == .code(0), "\(setup.said)")
    #expect(lab.simulator.cluster.roles == ["ScoutReader": ["VM.Audit", "VM.Monitor"]])
    #expect(try await lab.isWell())
    await lab.simulator.shutdown()
  }

  @Test func runsAgainWithoutHarm() async throws {
    let lab = try await SetupLab()
    let first = try await lab.setup(lab.unattended)
    #expect(first.status == .code(0), "\(first.said)")
    let files = lab.files.map(lab.content)
    lab.simulator.clearRequests()
    let second = try await lab.setup(lab.unattended)
    #expect(second.status == .code(0) && second.output.contains("Nothing changed"), "\(second.said)")
    #expect(lab.changes.isEmpty && lab.files.map(lab.content) == files)
    await lab.simulator.shutdown()
  }

  @Test func twoMachinesWorkSideBySide() async throws {
    let lab = try await SetupLab(version: PVEVersion(8, 4, 1))
    let other = lab.folder.file("other")
    let first = try await lab.setup(lab.unattended)
    let second = try await lab.setup(lab.unattended + ["--token-name", "agent-two"], into: other)
    #expect(first.status == .code(0) && second.status == .code(0), "\(first.said)\n\(second.said)")
    #expect(lab.tokens.sorted() == ["pvescout@pve!agent-one", "pvescout@pve!agent-two"])
    let (one, two) = (try await lab.isWell(), try await lab.isWell(other))
    #expect(one && two)
    await lab.simulator.shutdown()
  }

  @Test func leavesATokenAloneThatAnotherMachineUses() async throws {
    let lab = try await SetupLab()
    _ = try await lab.setup(lab.unattended)
    let other = lab.folder.file("other")
    let refused = try await lab.setup(lab.unattended, into: other)
    #expect(refused.status == .code(1) && refused.errors.contains("--replace-token"), "\(refused.said)")
    #expect(try await lab.isWell())
    let replaced = try await lab.setup(lab.unattended + ["--replace-token"], into: other)
    #expect(replaced.status == .code(0), "\(replaced.said)")
    let (one, two) = (try await lab.isWell(), try await lab.isWell(other))
    #expect(!one && two)
    await lab.simulator.shutdown()
  }

  @Test func givesATokenThatIsGoneANewSecret() async throws {
    let lab = try await SetupLab()
    _ = try await lab.setup(lab.unattended)
    let configuration = lab.content("pvescout.yml")
    lab.simulator.update { $0.tokens.removeAll() }
    let refused = try await lab.setup(lab.unattended)
    #expect(refused.status == .code(1) && refused.errors.contains("--replace-token"), "\(refused.said)")
    #expect(lab.tokens.isEmpty)
    let mended = try await lab.setup(lab.unattended + ["--replace-token"])
    #expect(mended.status == .code(0), "\(mended.said)")
    #expect(lab.content("pvescout.yml") == configuration)
    await lab.simulator.shutdown()
  }

  @Test func aReplacedTokenHasTheOtherGrantsOfTheOldOne() async throws {
    let lab = try await SetupLab()
    _ = try await lab.setup(lab.unattended)
    let hidden = Permissions.Role([], propagates: false, name: "NoAccess")
    lab.simulator.update { cluster in cluster.tokens[0].permissions.roles["/vms/105"] = hidden }
    let setup = try await lab.setup(lab.unattended + ["--replace-token"])
    #expect(setup.status == .code(0) && setup.output.contains("works no longer"), "\(setup.said)")
    #expect(lab.simulator.cluster.tokens.map { $0.permissions.roles["/vms/105"] } == [hidden])
    await lab.simulator.shutdown()
  }

  @Test func mendsAnEntryWhoseSecretIsMissing() async throws {
    let lab = try await SetupLab()
    _ = try await lab.setup(lab.unattended)
    try FileManager.default.removeItem(atPath: "\(lab.directory)/home.secret")
    let refused = try await lab.setup(lab.unattended)
    #expect(refused.status == .code(1) && refused.errors.contains("--replace-token"), "\(refused.said)")
    let mended = try await lab.setup(lab.unattended + ["--replace-token"])
    #expect(mended.status == .code(0), "\(mended.said)")
    #expect(try await lab.isWell())
    await lab.simulator.shutdown()
  }

  /// It has no other address in the simulator: the entry names another one.
  @Test func knowsItsClusterUnderAnotherAddress() async throws {
    let lab = try await SetupLab()
    _ = try await lab.setup(lab.unattended)
    let configuration = try #require(lab.content("pvescout.yml"))
    let other = configuration.replacing(lab.simulator.url, with: "https://127.0.0.1:1")
    try lab.folder.write(other, to: "etc/pvescout.yml")
    let setup = try await lab.setup(lab.unattended)
    #expect(setup.output.contains("is home in \(lab.directory)/pvescout.yml"), "\(setup.said)")
    #expect(lab.tokens == ["pvescout@pve!agent-one"] && lab.files == ["home.secret", "pvescout.yml", "routes.yml"])
    await lab.simulator.shutdown()
  }

  @Test func withoutQuestionsNoRightIsGivenBack() async throws {
    let lab = try await SetupLab()
    _ = try await lab.setup(lab.unattended)
    lab.simulator.update { cluster in cluster.tokens[0].permissions = .none }
    lab.simulator.clearRequests()
    let setup = try await lab.setup(lab.unattended)
    #expect(setup.output.contains("VM.Audit on /vms") && setup.output.contains("without --yes"), "\(setup.said)")
    #expect(lab.changes.isEmpty)
    await lab.simulator.shutdown()
  }

  @Test func givesBackARightThatWasTakenAway() async throws {
    let lab = try await SetupLab()
    _ = try await lab.setup(lab.unattended)
    let secret = lab.content("home.secret")
    lab.simulator.update { cluster in cluster.tokens[0].permissions = .none }
    let options = lab.trusting + ["--username", "root@pam", "--password-file", lab.folder.file("password")]
    let setup = try await lab.setup(options, input: "y\n")
    #expect(setup.status == .code(0) && setup.output.contains("VM.Audit on /vms"), "\(setup.said)")
    #expect(lab.content("home.secret") == secret)
    #expect(try await lab.isWell())
    await lab.simulator.shutdown()
  }

  @Test func showsWhatAFileLacksAndLeavesIt() async throws {
    let lab = try await SetupLab()
    let mine = "# mine\nproxmox: []\nlog: {level: debug}\n"
    try lab.folder.write(mine, to: "etc/pvescout.yml")
    let setup = try await lab.setup(lab.unattended)
    #expect(lab.content("pvescout.yml") == mine)
    #expect(setup.output.contains("\n+  - name: home\n") && setup.output.contains("\n@@ -0,0 +1,"), "\(setup.said)")
    #expect(setup.output.contains("\n+pve1: {proxmox: {node: pve1}"), "\(setup.said)")
    #expect(setup.status == .code(0) && lab.files == ["home.secret", "pvescout.yml"])
    await lab.simulator.shutdown()
  }

  @Test func doesNothingBesideAFileWithErrors() async throws {
    let lab = try await SetupLab()
    try lab.folder.write("proxmox: 1\n", to: "etc/pvescout.yml")
    let setup = try await lab.setup(lab.unattended)
    #expect(setup.status == .code(1) && setup.errors.contains("pvescout.yml:1:10"), "\(setup.said)")
    #expect(lab.simulator.requests().isEmpty && lab.files == ["pvescout.yml"])
    await lab.simulator.shutdown()
  }

  @Test func aDryRunShowsAllAndChangesNothing() async throws {
    let lab = try await SetupLab(version: PVEVersion(8, 4, 1))
    let setup = try await lab.setup(lab.unattended + ["--dry-run"])
    #expect(setup.status == .code(0), "\(setup.said)")
    for call in [
      "POST /access/users userid=pvescout@pve", "POST /access/roles roleid=ScoutReader privs=VM.Audit,VM.Monitor",
      "POST /access/users/pvescout@pve/token/agent-one privsep=1",
      "PUT /access/acl path=/vms roles=ScoutReader users=pvescout@pve tokens=pvescout@pve!agent-one",
      "\(lab.directory)/pvescout.yml", "token_secret_file: home.secret", "\(lab.directory)/routes.yml",
    ] {
      #expect(setup.output.contains(call), "\(call)\n\(setup.said)")
    }
    #expect(lab.changes == ["POST /access/ticket"] && lab.files.isEmpty)
    #expect(lab.tokens.isEmpty && lab.simulator.cluster.users.map(\.name) == ["root@pam"])
    await lab.simulator.shutdown()
  }

  @Test func aDryRunOfAConnectedMachineStartsNothing() async throws {
    let lab = try await SetupLab()
    let first = try await lab.setup(lab.unattended)
    #expect(first.output.contains("Start the agent"), "\(first.said)")
    let dry = try await lab.setup(lab.unattended + ["--dry-run"])
    #expect(dry.status == .code(0) && dry.output.contains("all is well"), "\(dry.said)")
    #expect(!dry.output.contains("Start the agent"), "\(dry.said)")
    await lab.simulator.shutdown()
  }
}
