import TestSupport
import Testing

/// The output of `pvescout doctor` about the agent's own files and machine, and its formats.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10))) struct DoctorMachineTests {
  @Test func saysWhatCheckSaysOfABrokenFile() async throws {
    var files = try AgentFiles(routes: ["routes.yml": "plex: {prot: 80}\n"])
    files.more = "nonsense: 1"
    let doctor = try await Doctor.run(files)
    let check = try await Program.run(
      Checkout.product("pvescout"), ["check", "--config", files.configurationPath])
    #expect(doctor.status == .code(1) && check.status == .code(1))
    let problems = check.output.split(separator: "\n")
    #expect(problems.count == 2, "\(check.output)")
    for problem in problems {
      #expect(doctor.says(String(problem.replacing("warning: ", with: ""))), "\(problem)\n\(doctor.output)")
    }
  }

  @Test func saysThatThereIsNoFile() async throws {
    let doctor = try await Program.run(
      Checkout.product("pvescout"), ["doctor", "--config", "/nonexistent/pvescout.yml"])
    #expect(doctor.status == .code(1) && doctor.says("problem", "/nonexistent/pvescout.yml", "--config"), "\(doctor)")
  }

  @Test func looksAtTheStateDirectory() async throws {
    var files = try AgentFiles()
    let well = try await Doctor.run(files)
    #expect(well.status == .code(0) && well.says("ok", "state_dir", files.directory.file("state")), "\(well)")
    let file = try files.directory.write("", to: "file")
    files.more = "# over"
    try files.write()
    let text = files.configuration.replacing(files.directory.file("state"), with: file)
    try files.directory.write(text, to: "pvescout.yml")
    let ill = try await Program.run(Checkout.product("pvescout"), ["doctor", "--config", files.configurationPath])
    #expect(ill.status == .code(1))
    #expect(ill.says("problem", "state_dir", "not a directory"), "\(ill.output)")
  }

  @Test func reportsTheSameInJSON() async throws {
    let pve = try await FakePVE.start(nodes: 1, lxc: 2, vms: 0)
    let doctor = try await Doctor.run(.patient([pve.entry()]), options: ["-o", "json"])
    #expect(doctor.status == .code(0) && doctor.errors.isEmpty)
    let report = try JSON(parsing: doctor.output)
    #expect(report["ok"] == true && report["problems"] == 0)
    let sections = report["sections"].elements
    #expect(sections.map { $0["kind"] } == ["agent", "cluster"] && sections[1]["name"] == "lab")
    for check in sections.flatMap({ $0["checks"].elements }) {
      #expect(Set(check.members.keys) == ["topic", "severity", "found", "wanted", "remedies"], "\(check)")
    }
  }

  @Test func worksBesideARunningAgent() async throws {
    let pve = try await FakePVE.start(nodes: 1, lxc: 2, vms: 1)
    let agent = try await RunningAgent.ready(AgentFiles(clusters: [pve.entry()]))
    let doctor = try await agent.cli("doctor", "--config", agent.files.configurationPath)
    #expect(doctor.status == .code(0), "\(doctor)")
    #expect(doctor.says("3 of 3 guests have addresses"), "\(doctor.output)")
    #expect(try await agent.status(of: "/readyz") == 200)
  }
}
