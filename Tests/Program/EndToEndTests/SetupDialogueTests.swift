import PVESimulator
import TestSupport
import Testing

/// The questions of `pvescout setup`.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10))) struct SetupDialogueTests {
  @Test func asksForTheSecondFactor() async throws {
    let lab = try await SetupLab(totpCode: "123456")
    let wrong = try await lab.setup(lab.unattended, input: "654321\n")
    #expect(wrong.status == .code(1) && wrong.errors.contains("second factor"), "\(wrong.said)")
    #expect(lab.tokens.isEmpty)
    let right = try await lab.setup(lab.unattended, input: "123456\n")
    #expect(right.status == .code(0), "\(right.said)")
    #expect(try await lab.isWell())
    await lab.simulator.shutdown()
  }

  @Test func takesThePasswordFromStandardInputBeforeTheAnswers() async throws {
    let lab = try await SetupLab(totpCode: "123456")
    let options = ["--yes"] + lab.trusting + ["--password-file", "-"]
    let setup = try await lab.setup(options, input: "\(SetupLab.password)\n123456\n")
    #expect(setup.status == .code(0), "\(setup.said)")
    await lab.simulator.shutdown()
  }

  @Test func goesOnWithATokenThatAnAdministratorMakes() async throws {
    let lab = try await SetupLab(administrator: .auditor(PVEVersion(9, 0, 10)))
    // Pasted before it is asked for: the lines that are printed are what makes it.
    lab.simulator.update { cluster in
      cluster.tokens.append(
        SimulatedToken(
          id: "pvescout@pve!agent-one", secret: "0123-4567", permissions: .readsEverything(cluster.version)))
    }
    let setup = try await lab.setup(lab.unattended, input: "0123-4567\n")
    #expect(setup.status == .code(0), "\(setup.said)")
    for line in [
      "lacks Realm.AllocateUser on /access/realm/pve", "pveum user token add pvescout@pve agent-one --privsep 1",
      "pveum acl modify / --users pvescout@pve --tokens 'pvescout@pve!agent-one' --roles PVEAuditor",
    ] {
      #expect(setup.output.contains(line), "\(setup.said)")
    }
    #expect(lab.content("home.secret") == "0123-4567\n" && !setup.output.contains("0123-4567"))
    #expect(lab.changes == ["POST /access/ticket", "POST /access/users"])
    await lab.simulator.shutdown()
  }

  @Test func withoutAnAnswerNothingIsDone() async throws {
    let lab = try await SetupLab(totpCode: "123456")
    let setup = try await Program.run(
      Checkout.product("pvescout"), ["setup", lab.simulator.url, "--directory", lab.directory] + lab.unattended)
    #expect(setup.status == .code(1) && setup.errors.contains("the end of the input"), "\(setup.said)")
    #expect(lab.tokens.isEmpty && lab.files.isEmpty)
    await lab.simulator.shutdown()
  }

  @Test func asksStepByStepAndHidesThePassword() async throws {
    let lab = try await SetupLab()
    let terminal = try TerminalProgram(
      Checkout.product("pvescout"), ["setup", "--directory", lab.directory, "--token-name", "agent-one"], columns: 120,
      lines: 40)
    for (question, answer) in [
      ("Proxmox VE host", lab.simulator.url), ("Is this the certificate of your host?", "y"), ("Login [root@pam]", ""),
      ("Password of root@pam", SetupLab.password), ("(control)?", "y"), ("(proxy)?", "n"), ("Go on?", ""),
      ("Write these routes?", ""),
    ] {
      _ = try await eventually("it asks \(question); it said:\n\(terminal.output)") {
        terminal.output.contains(question) ? true : nil
      }
      terminal.type("\(answer)\n")
    }
    let end = try await eventually("it ends; it said:\n\(terminal.output)") { terminal.end }
    #expect(end == "exit 0", "\(terminal.output)")
    #expect(!terminal.output.contains(SetupLab.password))
    let configuration = try #require(lab.content("pvescout.yml"))
    #expect(configuration.contains("\n    control: true\n") && configuration.contains("\n# proxy: "))
    await lab.simulator.shutdown()
  }

  @Test func anInterruptedPromptLeavesNothingBehind() async throws {
    let lab = try await SetupLab()
    let terminal = try TerminalProgram(
      Checkout.product("pvescout"), ["setup", lab.simulator.url, "--directory", lab.directory] + lab.trusting,
      columns: 120, lines: 40)
    for (question, answer) in [("Login [root@pam]", "\n"), ("Password of root@pam", "half\u{3}")] {
      _ = try await eventually("it asks") { terminal.output.contains(question) ? true : nil }
      terminal.type(answer)
    }
    let end = try await eventually("it ends") { terminal.end }
    #expect(end == "exit 1" && terminal.output.contains("interrupted"), "\(terminal.output)")
    #expect(!terminal.output.contains("half") && lab.changes.isEmpty)
    await lab.simulator.shutdown()
  }
}
