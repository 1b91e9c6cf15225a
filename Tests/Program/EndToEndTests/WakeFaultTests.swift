import Foundation
import HTTPTransport
import TestSupport
import Testing

/// What happens to waiting clients if the agent, PVE or a node goes away, through the real program.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct WakeFaultTests {
  /// Before the cluster was read a client gets 503.
  private static func knowsItsTarget(_ home: SleepingHome) async throws {
    try await home.agent.route("bee", "has its target again") { $0["target"] != .null }
  }

  @Test("An agent that is killed while clients wait is followed by one that waits for the same start")
  func outlastsAKill() async throws {
    let before = try await SleepingHome.sleeping(idle: "{idle_timeout: 1h, keep_external: true}")
    try await before.isHealth("napping")
    let cut = try await before.ask("/before", "User-Agent: curl/8.0")
    try await before.reaches("waiting")
    let home = try await before.killed()
    try await Self.knowsItsTarget(home)
    #expect(try await cut.response() == nil)
    let held = try await home.ask("/after")
    try await home.reaches("waiting")
    try await home.serve()
    #expect(try await held.response()?.text == "service\n")
    let route = try await home.reaches("ready")
    #expect(route["control"]["started_by"] == "bee: 127.0.0.1 GET /before (curl/8.0)")
    #expect(try await home.writes() == [SleepingHome.start])
  }

  @Test("An agent that is killed while PVE does the start makes no second one")
  func outlastsAKillDuringTheTask() async throws {
    let before = try await SleepingHome.sleeping { pve in
      try await pve.control(["op": "power", "vmid": 107, "start": 10])
    }
    try await before.isHealth("napping")
    _ = try await before.ask()
    let file = before.agent.files.directory.file("state/control.json")
    try await eventually("the task is saved") {
      (try? String(contentsOfFile: file, encoding: .utf8))?.contains("vzstart:107") == true ? () : nil
    }
    let home = try await before.killed()
    try await Self.knowsItsTarget(home)
    try await home.serve()
    let answer = try await home.ask().response()
    #expect(answer?.text == "service\n", "\(String(describing: answer))")
    #expect(try await home.writes() == [SleepingHome.start])
  }

  @Test("With PVE down a sleeping guest's client is answered with that, the log stays short, and it wakes afterwards")
  func outlastsAnOutage() async throws {
    let home = try await SleepingHome.sleeping(idle: "{wake_timeout: 20s}")
    try await home.isHealth("napping")
    let events = try await EventStream(of: home.agent, query: "?type=control.changed")
    try await home.pve.stop()
    for _ in 0..<20 {
      let response = try await home.refusal()
      #expect(response.status == 503 && response["Retry-After"] != nil)
      #expect(response.text.contains("PVE cannot be asked at the moment"), "\(response.text)")
    }
    let failed = try await events.wait(for: "control.changed") { $0["control"]["state"] == "failed" }
    #expect(failed.data["control"]["cause"].string?.hasPrefix("PVE cannot be asked: ") == true, "\(failed)")
    let lines = home.agent.program.errors.split(separator: "\n").filter { $0.contains("guest is") }
    #expect((1...10).contains(lines.count), "\(lines)")
    try await home.pve.restart()
    try await home.serve()
    var last = ""
    try await eventually(every: .milliseconds(500), "it wakes; its client was answered: \(last)") {
      let response = try await home.ask().response()
      last = response?.text ?? "nothing"
      return response?.status == 200 ? () : nil
    }
    #expect(try await home.writes() == [SleepingHome.start])
  }

  @Test("A PVE that accepts the request and never answers is reported as silent") func outlastsSilence() async throws {
    let home = try await SleepingHome.sleeping(idle: "{wake_timeout: 2s}")
    try await home.isHealth("napping")
    try await home.pve.control(["op": "limit", "path": "/status/start", "times": 0])
    let response = try await home.refusal()
    #expect(response.status == 503)
    #expect(response.text.contains("PVE cannot be asked at the moment"), "\(response.text)")
    try await home.pve.control(["op": "clear"])
  }

  @Test("A guest that was moved since the last poll is started where it is now") func followsAMove() async throws {
    let home = try await SleepingHome.sleeping(interval: "1h")
    try await home.isHealth("napping")
    try await home.pve.control(["op": "move", "vmid": 107, "node": "pve1"])
    let request = try await home.ask()
    try await home.reaches("waiting")
    try await home.serve()
    #expect(try await request.response()?.text == "service\n")
    #expect(try await home.writes() == [SleepingHome.start, "POST /api2/json/nodes/pve1/lxc/107/status/start"])
  }

  @Test("A node that is offline is woken, and then the guest", arguments: ["{nodes: true}", "true"])
  func wakesTheNode(control: String) async throws {
    let home = try await SleepingHome.sleeping(idle: "{wake_node: true}", control: control)
    try await home.isHealth("napping")
    try await home.pve.control(["op": "offline", "node": "pve2"])
    try await eventually("the agent has seen it") {
      try await home.agent.get("/v1/nodes")["nodes"].first(where: "name", is: "pve2")["status"] == "offline" ? () : nil
    }
    let request = try await home.ask()
    guard control != "true" else {
      #expect(try await request.response()?.text.contains("node pve2 is offline") == true)
      #expect(try await home.writes().isEmpty)
      return
    }
    try await home.reaches("waiting")
    try await home.serve()
    #expect(try await request.response()?.text == "service\n")
    #expect(try await home.writes() == ["POST /api2/json/nodes/pve2/wakeonlan", SleepingHome.start])
  }

  @Test("A token without Sys.PowerMgmt wakes no node, and the response says so") func needsTheRightForNodes()
    async throws
  {
    let home = try await SleepingHome.sleeping(idle: "{wake_node: true}", control: "{nodes: true}") { pve in
      for name in ["pvescout@pve", pve.tokenID] {
        try await pve.control([
          "op": "grant", "user": .string(name), "path": "/", "privileges": ["VM.Audit", "VM.PowerMgmt", "Sys.Audit"],
        ])
      }
      try await pve.control(["op": "offline", "node": "pve2"])
    }
    try await home.reaches("stopped")
    let response = try #require(try await home.ask().response())
    #expect(response.status == 503)
    #expect(response.text.contains("the agent lacks the right to start it"), "\(response.text)")
    let cause = try await home.reaches("failed")["control"]["cause"].string ?? ""
    #expect(cause.contains("Sys.PowerMgmt"), "\(cause)")
  }

  @Test("PVE's words are for the log, explain and the status, and not for clients") func keepsPVEsWords() async throws {
    let words = "startup failed: see /var/log/lxc/107.log on 10.1.2.3"
    let home = try await SleepingHome.sleeping { pve in
      try await pve.control(["op": "power", "vmid": 107, "error": .string(words)])
    }
    try await home.isHealth("napping")
    let page = try #require(try await home.ask("/", "Accept: text/html").response())
    #expect(page.status == 503)
    let cause = try await home.reaches("failed")["control"]["cause"].string
    #expect(cause == "PVE's task failed: \(words)")
    for fields in ["Accept: text/html", "Accept: application/json", "Accept: text/plain"] {
      // After a pause the next request makes another start, and a browser gets the waiting page until it has failed.
      let response = try await eventually("the failure is shown") {
        let response = try #require(try await home.ask("/", fields).response())
        return response.text.contains("PVE has tried") ? response : nil
      }
      #expect(response.status == 503)
      #expect(!response.text.contains("10.1.2.3"))
    }
    let steps = try await home.agent.get("/v1/routes/bee/explain")["steps"]
    #expect(steps.first(where: "step", is: "control")["detail"].string?.contains(words) == true)
    #expect(home.agent.program.errors.contains(words))
  }

  @Test("A client that cidr_whitelist does not admit wakes nothing", arguments: [false, true])
  func admitsFirst(stream: Bool) async throws {
    let home = try await SleepingHome.sleeping(
      keys: ", middlewares: {cidr_whitelist: {allow: [10.0.0.0/8]}}", stream: stream)
    try await home.isHealth("napping")
    if stream {
      let client = try await RawConnection.connect(to: try await home.lab.streamPort("bee"))
      #expect(try await client.takeAll().isEmpty)
    } else {
      #expect(try await home.ask("/", "Accept: text/html").response()?.status == 403)
    }
    #expect(try await home.agent.route("bee")["control"]["state"] == "stopped")
    #expect(try await home.writes().isEmpty)
  }

  @Test("A VM wakes like an LXC; starts and stops leave a guest's configuration as it is", arguments: ["lxc", "qemu"])
  func leavesTheConfiguration(type: String) async throws {
    let pve = try await FakePVE.start(lxc: 8, vms: 1)
    let guest = try #require(
      pve.manifest.guests.first { $0.type == type && (type == "qemu" || $0.addressing == "static") })
    let (vmid, address) = (JSON.number(Double(guest.vmid)), JSON.string(try #require(guest.address)))
    try await pve.control(["op": "status", "vmid": vmid, "status": "stopped"])
    let port = try #require(try await pve.control(["op": "serve", "address": address]).int)
    let before = try await pve.configuration(of: guest)
    #expect(before.allSatisfy { String(decoding: $0, as: UTF8.self).contains(guest.name) })
    let lab = try await ProxyLab.start(
      routes: """
        bee: {port: \(port), proxmox: {vmid: \(guest.vmid), start: on_request}, idlewatcher: {idle_timeout: 2s}}
        """, clusters: [pve.entry() + "\n    control: true"])
    try await lab.agent.route("bee", "is napping") { $0["health"]["status"] == "napping" }
    #expect(try await lab.get("bee").text == "service\n")
    #expect(try await pve.configuration(of: guest) == before)
    try await lab.agent.route("bee", "is stopped again") { $0["control"]["state"] == "stopped" }
    #expect(try await pve.configuration(of: guest) == before)
    let writes = try await pve.requests().filter { $0.method != "GET" }.map { "\($0.method) \($0.path)" }
    let place = "POST /api2/json/nodes/\(guest.node)/\(type)/\(guest.vmid)/status"
    #expect(writes == ["\(place)/start", "\(place)/shutdown"])
  }

  @Test("A start that ends with a warning goes on, and the status, explain and the log name it") func warns()
    async throws
  {
    let home = try await SleepingHome.sleeping { pve in
      try await pve.control(["op": "power", "vmid": 107, "warnings": 2])
    }
    try await home.isHealth("napping")
    let request = try await home.ask()
    try await home.serve()
    #expect(try await request.response()?.text == "service\n")
    let text = "PVE's start task ended with 2 warnings: see its log"
    let route = try await home.agent.route("bee", "has a remark") { $0["control"]["cause"] == .string(text) }
    #expect(route["control"]["state"] == "ready")
    let steps = try await home.agent.get("/v1/routes/bee/explain")["steps"]
    #expect(steps.first(where: "step", is: "control")["detail"].string?.contains(text) == true)
    #expect(home.agent.program.errors.contains(text))
    #expect(try await home.writes() == [SleepingHome.start])
  }

  @Test("More than max_starts_per_hour starts are made for no one, also by the next agent") func limitsStarts()
    async throws
  {
    let before = try await SleepingHome.sleeping(idle: "{max_starts_per_hour: 1}")
    try await before.isHealth("napping")
    try await before.serve()
    #expect(try await before.ask().response()?.status == 200)
    #expect(try await before.agent.cli("stop", "bee", "--wait").output.hasPrefix("stopped"))
    // A service that answers is used, whatever the lists say of its guest.
    try await before.silence()
    let home = try await before.killed()
    try await Self.knowsItsTarget(home)
    let response = try #require(try await home.ask().response())
    #expect(response.status == 503)
    #expect((3000...3600).contains(Int(response["Retry-After"] ?? "") ?? 0))
    #expect(response.text.contains("it was started once within an hour (max_starts_per_hour)"), "\(response.text)")
    let command = try await home.agent.cli("start", "bee")
    #expect(command.errors.contains("max_starts_per_hour"), "\(command)")
    #expect(try await home.writes() == [SleepingHome.start, SleepingHome.shutdown])
  }
}
