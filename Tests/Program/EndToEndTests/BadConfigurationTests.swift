import TestSupport
import Testing

/// Errors in pvescout.yml end the start with 1 and one line each: what, where and how to fix it.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10))) struct BadConfigurationTests {
  /// An invalid configuration file, and the required content of its single error line.
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var yaml: String
    /// `line:column` after the file's name; nil if only the file can be named.
    var place: String?
    var words: [String]
    var testDescription: String { name }
  }

  static let cases = [
    Case(
      name: "no YAML", yaml: "proxmox: [\nsocket: {path: x\n", place: "", words: []),
    Case(
      name: "unknown key", yaml: "proxmox: []\ndiscovry: {interval: 10s}\n", place: "2:1",
      words: ["discovry", "discovery"]),
    Case(
      name: "no duration", yaml: "discovery: {interval: soon}\n", place: "1:23", words: ["interval", "soon", "10s"]),
    Case(
      name: "interval too short", yaml: "discovery: {interval: 10ms}\n", place: "1:23", words: ["interval", "500ms"]),
    Case(
      name: "port 70000",
      yaml: cluster("endpoints: [\"https://127.0.0.1:70000\"]", "token_id: a@pve!b", "token_secret: s"),
      place: "3:", words: ["70000"]),
    Case(
      name: "endpoint without https",
      yaml: cluster("endpoints: [\"http://127.0.0.1:8006\"]", "token_id: a@pve!b", "token_secret: s"),
      place: "3:", words: ["https"]),
    Case(
      name: "no secret",
      yaml: cluster("endpoints: [\"https://127.0.0.1:8006\"]", "token_id: a@pve!b"),
      place: "", words: ["token_secret"]),
    Case(
      name: "malformed token",
      yaml: cluster("endpoints: [\"https://127.0.0.1:8006\"]", "token_id: agent", "token_secret: s"),
      place: "4:", words: ["agent", "@"]),
    Case(
      name: "malformed fingerprint",
      yaml: cluster(
        "endpoints: [\"https://127.0.0.1:8006\"]", "token_id: a@pve!b", "token_secret: s", "tls: {fingerprint: AA:BB}"),
      place: "6:", words: ["fingerprint"]),
    Case(
      name: "missing secret file",
      yaml: cluster(
        "endpoints: [\"https://127.0.0.1:8006\"]", "token_id: a@pve!b", "token_secret_file: nowhere.secret"),
      place: "5:", words: ["nowhere.secret"]),
    Case(
      name: "directory as secret file",
      yaml: cluster("endpoints: [\"https://127.0.0.1:8006\"]", "token_id: a@pve!b", "token_secret_file: /tmp"),
      place: "5:", words: ["/tmp"]),
    Case(
      name: "missing CA file",
      yaml: cluster(
        "endpoints: [\"https://127.0.0.1:8006\"]", "token_id: a@pve!b", "token_secret: s", "tls: {ca_file: nowhere.pem}"
      ),
      place: "6:", words: ["nowhere.pem"]),
    Case(
      name: "unset variable",
      yaml: cluster(
        "endpoints: [\"https://127.0.0.1:8006\"]", "token_id: a@pve!b", "token_secret: ${PVESCOUT_NO_SUCH_VARIABLE}"),
      place: "5:", words: ["PVESCOUT_NO_SUCH_VARIABLE"]),
    Case(
      name: "socket path too long",
      yaml: "socket:\n  path: /tmp/\(String(repeating: "x", count: 110))/agent.sock\n", place: "2:", words: ["107"]),
    Case(
      name: "missing certificate",
      yaml: "proxy:\n  https: \"127.0.0.1:8443\"\n  certificate: nowhere.pem\n  key: nowhere.key\n", place: "3:16",
      words: ["nowhere.pem", "no such file"]),
    Case(
      name: "one name twice",
      yaml: cluster("endpoints: [\"https://127.0.0.1:8006\"]", "token_id: a@pve!b", "token_secret: s")
        + cluster("endpoints: [\"https://127.0.0.1:8006\"]", "token_id: a@pve!b", "token_secret: s")
        .replacing("proxmox:\n", with: ""),
      place: "6:", words: ["home"]),
  ]

  private static func cluster(_ lines: String...) -> String {
    "proxmox:\n  - name: home\n" + lines.map { "    \($0)\n" }.joined()
  }

  @Test(arguments: cases)
  func endsTheStartWithOneLine(_ broken: Case) async throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write(broken.yaml, to: "pvescout.yml")
    for command in ["run", "check"] {
      let finished = try await Program.run(Checkout.product("pvescout"), [command, "--config", path])
      #expect(finished.status == .code(1), "\(command): \(finished)")
      let said = finished.errors + finished.output
      let lines = said.split(separator: "\n").filter { line in
        line.contains("pvescout.yml:\(broken.place ?? "")") && broken.words.allSatisfy { line.contains($0) }
      }
      #expect(lines.count == 1, "\(command) said:\n\(said)")
    }
  }

  @Test func namesAMissingFile() async throws {
    for command in ["run", "check"] {
      let finished = try await Program.run(
        Checkout.product("pvescout"), [command, "--config", "/tmp/pvs-none/pvescout.yml"])
      #expect(finished.status == .code(1))
      #expect((finished.errors + finished.output).hasLine(with: "/tmp/pvs-none/pvescout.yml"), "\(finished)")
    }
  }

  @Test func reportsEveryProblemAtOnce() async throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("discovry: {}\nhealth: {interval: x}\nlog: {level: loud}\n", to: "pvescout.yml")
    let finished = try await Program.run(Checkout.product("pvescout"), ["check", "--config", path])
    for place in ["pvescout.yml:1:1:", "pvescout.yml:2:", "pvescout.yml:3:"] {
      #expect((finished.errors + finished.output).contains(place), "\(finished)")
    }
  }

  /// A file's content must not control the terminal on which its errors are shown.
  @Test func printsNoControlCharacter() async throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("log: {level: \"\\e[31mred\\a\"}\n", to: "pvescout.yml")
    for command in ["run", "check", "doctor"] {
      let finished = try await Program.run(Checkout.product("pvescout"), [command, "--config", path])
      let said = finished.errors + finished.output
      #expect(said.contains("[31mred") && !said.contains("\u{1B}") && !said.contains("\u{07}"), "\(command): \(said)")
    }
  }

  /// The file may be meant for another machine, so this is not an error, and the agent starts.
  @Test func warnsOfAGroupThatIsNotThere() async throws {
    var files = try AgentFiles()
    try files.write()
    files.more = ""
    let text = files.configuration.replacing("socket: {", with: "socket: {group: no-such-group, ")
    let path = try files.directory.write(text, to: "pvescout.yml")
    let words = ["'no-such-group'", "groupadd --system no-such-group"]
    let finished = try await Program.run(Checkout.product("pvescout"), ["check", "--config", path])
    #expect(finished.status == .code(0), "\(finished)")
    #expect((words + ["warning"]).allSatisfy { finished.output.contains($0) }, "\(finished)")
    let program = try Program(Checkout.product("pvescout"), ["run", "--config", path])
    try await eventually("it listens and has warned; it said: \(program.errors)") {
      words.allSatisfy { program.errors.contains($0) } && program.errors.contains("agent is ready") ? true : nil
    }
  }

  @Test func refusesAnythingElseInPlaceOfTheSocket() async throws {
    let directory = try TemporaryDirectory()
    let text = "providers: {files: []}\nsocket: {path: \(directory.path)}\n"
    let path = try directory.write(text, to: "pvescout.yml")
    let finished = try await Program.run(Checkout.product("pvescout"), ["check", "--config", path])
    #expect(finished.status == .code(1), "\(finished)")
    #expect(finished.output.hasLine(with: "pvescout.yml:2:16:", "is a directory", "move it away"), "\(finished)")
  }
}
