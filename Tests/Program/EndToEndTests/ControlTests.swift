import Foundation
import HTTPTransport
import TestSupport
import Testing

/// Guests are started and stopped through the real program: fakepve's tasks, real ports.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct ControlTests {
  /// A stopped LXC with a static address.
  private static let vmid = 107

  private struct Home {
    var pve: FakePVE
    var agent: RunningAgent
    var address: String
    var port: Int

    func serve() async throws {
      try await pve.control(["op": "serve", "address": .string(address), "port": .number(Double(port))])
    }

    /// What was asked of PVE besides reading.
    func writes() async throws -> [String] {
      try await pve.requests().filter { $0.method != "GET" }.map { "\($0.method) \($0.path)" }
    }

    func reaches(_ state: String) async throws -> JSON {
      try await agent.route("bee", "has a guest that is \(state)") { $0["control"]["state"] == .string(state) }
    }
  }

  private func home(
    start: String = "never", control: String = "true", prepare: (FakePVE) async throws -> Void = { _ in }
  ) async throws -> Home {
    let pve = try await FakePVE.start(lxc: 8, vms: 1)
    let address = try #require(try pve.guest("prometheus").address)
    // A port that was free a moment ago, and is the guest's from now on.
    let served = try await pve.control(["op": "serve", "address": .string(address)])
    let port = try #require(served.int)
    try await pve.control(["op": "silence", "address": .string(address), "port": .number(Double(port))])
    try await prepare(pve)
    let routes = """
      bee: {port: \(port), proxmox: {vmid: \(Self.vmid), start: \(start)}}
      pve-ui: {proxmox: {node: pve1}, healthcheck: {disable: true}}
      """
    let files = try AgentFiles(
      clusters: [pve.entry() + "\n    control: \(control)"], routes: ["routes.yml": routes])
    return Home(pve: pve, agent: try await RunningAgent.ready(files), address: address, port: port)
  }

  @Test("on_load starts what is found stopped, once; it is ready when its port answers, and stays stopped by command")
  func startsOnLoad() async throws {
    let home = try await home(start: "on_load")
    let waiting = try await home.reaches("waiting")
    #expect(waiting["control"]["started_by"] == "bee: start: on_load")
    try await home.agent.route("bee", "is starting, not down") { $0["health"]["status"] == "starting" }
    try await home.serve()
    _ = try await home.reaches("ready")
    try await home.agent.route("bee", "is healthy") { $0["health"]["status"] == "healthy" }
    let start = "POST /api2/json/nodes/pve2/lxc/107/status/start"
    #expect(try await home.writes() == [start], "nothing of its configuration is changed")
    let stop = try await home.agent.cli("stop", "bee", "--wait")
    #expect(stop.status == .code(0), "\(stop.errors)")
    #expect(stop.output.hasPrefix("stopped"))
    // However often the list says that it is stopped.
    _ = try await eventually("it is seen stopped") {
      try await home.agent.route("bee")["link"]["guest_status"] == "stopped" ? true : nil
    }
    #expect(try await home.writes() == [start, "POST /api2/json/nodes/pve2/lxc/107/status/shutdown"])
    let steps = try await home.agent.get("/v1/routes/bee/explain")["steps"]
    #expect(
      steps.first(where: "step", is: "control")["detail"].string?.contains("last stopped by a command of uid") == true)
    let metrics = try await Self.metrics(home.agent)
    #expect(metrics.contains(#"pvescout_control_starts_total{cluster="lab",vmid="107"} 1"#))
    #expect(metrics.contains(#"pvescout_control_state{cluster="lab",vmid="107",state="stopped"} 1"#))
    #expect(try await home.agent.stop() == .code(0))
    let state = try String(contentsOfFile: home.agent.files.directory.file("state/control.json"), encoding: .utf8)
    #expect(state.contains(#""isHeld":true"#))
  }

  private static func metrics(_ agent: RunningAgent) async throws -> String {
    var request = HTTPRequest(.get, "http://localhost/metrics")
    request.unixSocketPath = agent.files.socketPath
    return String(decoding: try await HTTPClient().send(request).body, as: UTF8.self)
  }

  @Test("A command starts the guest behind a route, by alias or VMID, and waits for it")
  func startsByCommand() async throws {
    let home = try await home()
    try await home.serve()
    let started = try await home.agent.cli("start", "lab/107", "--wait")
    #expect(started.status == .code(0), "\(started.errors)")
    #expect(started.output.hasPrefix("ready (started by a command of uid "))
    #expect(try await home.agent.cli("start", "bee").output.hasPrefix("ready"), "which is no second start")
    #expect(try await home.writes().count == 1)
    #expect(try await home.agent.cli("start", "nobody").status == .code(4))
    let node = try await home.agent.post("/v1/routes/pve-ui/start")
    #expect(node.status == 409)
    #expect(node.body["error"]["message"].string?.contains("leads to node pve1 itself") == true)
    #expect(
      try await home.agent.post("/v1/guests/lab/100/start").body["error"]["message"].string?.contains("no route")
        == true)
    #expect(try await home.agent.post("/v1/guests/lab/999999/start").status == 404)
  }

  @Test("Without control: true nothing is started")
  func needsPermission() async throws {
    let home = try await home(start: "on_load", control: "false")
    let answer = try await home.agent.post("/v1/routes/bee/start")
    #expect(answer.status == 409)
    #expect(answer.body["error"]["message"].string?.contains("does not say 'control: true'") == true)
    #expect(try await home.agent.route("bee")["control"] == .null)
    #expect(try await home.writes().isEmpty)
  }

  @Test(
    "What goes wrong in PVE is said as what it is",
    arguments: [
      ("lock", "it is locked by PVE (backup)"), ("error", "PVE's task failed: startup for container '107' failed"),
      ("right", "the token lacks VM.PowerMgmt on /vms/107"),
    ])
  func saysWhy(fault: String, cause: String) async throws {
    let home = try await home(start: "on_load") { pve in
      switch fault {
      case "lock": try await pve.control(["op": "lock", "vmid": 107, "lock": "backup"])
      case "error":
        try await pve.control(["op": "power", "vmid": 107, "error": "startup for container '107' failed"])
      default:
        for name in ["pvescout@pve", pve.tokenID] {
          try await pve.control([
            "op": "grant", "user": .string(name), "path": "/", "privileges": ["VM.Audit", "Sys.Audit"],
          ])
        }
      }
    }
    let route = try await home.reaches("failed")
    #expect(route["control"]["cause"].string?.hasPrefix(cause) == true, "\(route["control"])")
    #expect(route["control"]["until"] != .null)
  }

  @Test("With HA the end of the task is not the start of the guest")
  func followsHA() async throws {
    let home = try await home(start: "on_load") { pve in
      try await pve.control(["op": "ha", "vmid": 107, "delay": 2])
    }
    try await home.serve()
    _ = try await home.reaches("ready")
    #expect(try await home.writes().count == 1)
  }

  @Test("A start that is in progress when the agent is killed is continued by the next agent, and not repeated")
  func outlastsAKill() async throws {
    let home = try await home(start: "on_load") { pve in
      try await pve.control(["op": "power", "vmid": 107, "start": 20])
    }
    let file = home.agent.files.directory.file("state/control.json")
    _ = try await eventually("the task is saved") {
      (try? String(contentsOfFile: file, encoding: .utf8))?.contains("vzstart:107") == true ? true : nil
    }
    home.agent.program.signal(SIGKILL)
    _ = try await home.agent.program.exit()
    let next = try await RunningAgent.start(home.agent.files, writing: false)
    try await home.serve()
    let route = try await next.route("bee", "has a guest that is ready") { $0["control"]["state"] == "ready" }
    #expect(route["control"]["started_by"] == "bee: start: on_load")
    #expect(try await home.writes().count == 1)
  }
}
