import HTTPTransport
import TestSupport
import Testing

/// `depends_on`, through the real program: what a route needs is up before its own guest is started, whatever starts it.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct DependencyTests {
  /// Two stopped LXCs: `bee`, whose route needs that of the other one, `db`.
  private struct Lab {
    let pve: FakePVE
    let guests: [String: FakePVE.Guest]
    let ports: [String: Int]
    let lab: ProxyLab

    /// - Parameters:
    ///   - start: of `bee`.
    ///   - bee: more of its idlewatcher's keys, such as `, idle_timeout: 1s`.
    ///   - db: the idlewatcher of `db`.
    ///   - comb: the idlewatcher of another route to the guest of `bee`; nil for none.
    init(
      start: String = "on_request", needs: String = "db:service_healthy", bee: String = "", db: String = "{}",
      comb: String? = nil
    ) async throws {
      pve = try await FakePVE.start(lxc: 8, vms: 1)
      let found = pve.manifest.guests.filter { $0.type == "lxc" && $0.addressing == "static" }.suffix(2)
      guests = ["bee": try #require(found.first), "db": try #require(found.last)]
      var ports: [String: Int] = [:]
      for (alias, guest) in guests {
        let address = JSON.string(try #require(guest.address))
        try await pve.control(["op": "status", "vmid": .number(Double(guest.vmid)), "status": "stopped"])
        let port = try #require(try await pve.control(["op": "serve", "address": address]).int)
        try await pve.control(["op": "silence", "address": address, "port": .number(Double(port))])
        ports[alias] = port
      }
      self.ports = ports
      let (own, other) = (guests["bee"]?.vmid ?? 0, guests["db"]?.vmid ?? 0)
      let third = comb.map { "comb: {port: \(ports["bee"] ?? 0), proxmox: {vmid: \(own)}, idlewatcher: \($0)}" }
      lab = try await ProxyLab.start(
        routes: """
          bee: {port: \(ports["bee"] ?? 0), proxmox: {vmid: \(own), start: \(start)}, idlewatcher: {depends_on: ["\(needs)"]\(bee)}}
          db: {port: \(ports["db"] ?? 0), proxmox: {vmid: \(other)}, healthcheck: {interval: 1s, retries: 1}, idlewatcher: \(db)}
          \(third ?? "")
          """, clusters: [pve.entry() + "\n    control: true"])
    }

    var agent: RunningAgent { lab.agent }
    /// `bee`'s guest, as commands name it.
    var guest: String { "lab/\(vmid("bee"))" }

    func vmid(_ alias: String) -> Int { guests[alias]?.vmid ?? 0 }

    func reaches(_ state: String, _ alias: String = "bee") async throws {
      try await agent.route(alias, "has a guest that is \(state)") { $0["control"]["state"] == .string(state) }
    }

    /// Answers with 500.
    func serveBadly(_ alias: String) async throws {
      try await pve.control([
        "op": "serve", "address": .string(guests[alias]?.address ?? ""), "port": .number(Double(ports[alias] ?? 0)),
        "status": 500,
      ])
    }

    func silence(_ alias: String) async throws {
      try await pve.control([
        "op": "silence", "address": .string(guests[alias]?.address ?? ""), "port": .number(Double(ports[alias] ?? 0)),
      ])
    }

    func serve(_ alias: String) async throws {
      try await pve.control([
        "op": "serve", "address": .string(guests[alias]?.address ?? ""), "port": .number(Double(ports[alias] ?? 0)),
      ])
    }

    /// The aliases of what was started, in order.
    func starts() async throws -> [String] { try await calls("start") }

    func calls(_ verb: String) async throws -> [String] {
      try await pve.requests("/status/\(verb)").compactMap { request in
        guests.first { request.path.contains("/\($0.value.vmid)/") }?.key
      }
    }

    /// Until the route's own guest is up, after the one that it needs.
    func comeUpInOrder() async throws {
      let db = try await agent.route("db", "is waited for") { $0["control"]["state"] == "waiting" }
      #expect(db["control"]["started_by"] == "bee depends on it")
      let bee = try await agent.route("bee")["control"]
      #expect(bee["state"] == "starting" && bee["cause"] == "it waits for db", "\(bee)")
      #expect(try await starts() == ["db"])
      try await serve("db")
      do {
        try await agent.route("bee", "is started then") { $0["control"]["state"] == "waiting" }
      } catch {
        Issue.record("db is \(try await agent.route("db")); the agent said:\n\(agent.program.errors)")
        throw error
      }
      try await serve("bee")
      try await agent.route("bee", "is up") { $0["control"]["state"] == "ready" }
      #expect(try await starts() == ["db", "bee"])
    }
  }

  @Test("A command for a route or its guest starts it first", arguments: [false, true])
  func byCommand(forTheGuest: Bool) async throws {
    let lab = try await Lab(start: "never")
    let command = try await lab.agent.cli("start", forTheGuest ? lab.guest : "bee")
    #expect(command.status == .code(0), "\(command.errors)")
    #expect(command.output.hasPrefix("starting"), "\(command.output)")
    try await lab.comeUpInOrder()
  }

  @Test("on_load starts it first") func onLoad() async throws {
    try await Lab(start: "on_load").comeUpInOrder()
  }

  @Test("A request starts it first, and is served") func byRequest() async throws {
    let lab = try await Lab()
    try await lab.agent.route("bee", "is napping") { $0["health"]["status"] == "napping" }
    let connection = try await lab.lab.connect()
    try await connection.send("GET / HTTP/1.1\r\nHost: bee\r\n\r\n")
    try await lab.comeUpInOrder()
    #expect(try await connection.response()?.status == 200)
  }

  @Test("service_healthy waits for the health check of a guest that is up; service_started does not")
  func mustBeHealthy() async throws {
    for isStrict in [true, false] {
      let lab = try await Lab(start: "on_load", needs: isStrict ? "db:service_healthy" : "db:service_started")
      try await lab.serveBadly("db")
      try await lab.reaches("ready", "db")
      if isStrict {
        try await lab.agent.route("db", "is found to be ill") { $0["health"]["status"] == "unhealthy" }
        #expect(try await lab.agent.route("bee")["control"]["cause"] == "it waits for db")
        #expect(try await lab.starts() == ["db"])
        try await lab.silence("db")
        try await lab.serve("db")
      }
      try await lab.reaches("waiting")
      #expect(try await lab.starts() == ["db", "bee"])
    }
  }

  @Test("A route of the same guest is up when that is: it is started once") func inTheSameGuest() async throws {
    let lab = try await Lab(start: "never", needs: "comb:service_healthy", comb: "{wake_timeout: 5s}")
    try await lab.serve("bee")
    let command = try await lab.agent.cli("start", "bee", "--wait")
    #expect(command.output.hasPrefix("ready"), "\(command.output)\(command.errors)")
    #expect(try await lab.starts() == ["bee"])
  }

  @Test("A command for a route that needs nothing starts its guest alone, whatever that one's other routes need")
  func byAnotherRoute() async throws {
    let lab = try await Lab(start: "never", db: "{wake_timeout: 5s}", comb: "{}")
    try await lab.serve("bee")
    #expect(try await lab.agent.cli("start", "comb", "--wait").output.hasPrefix("ready"))
    #expect(try await lab.starts() == ["bee"])
  }

  @Test("Where guests depend on each other, only a route outside of that is started")
  func inACircle() async throws {
    let lab = try await Lab(start: "never", db: "{depends_on: [comb]}", comb: "{wake_timeout: 5s}")
    try await lab.serve("bee")
    for name in ["bee", lab.guest] {
      let command = try await lab.agent.cli("start", name, "--wait")
      #expect(command.status != .code(0))
      let text = "comb, which it depends on, is not ready: it is in the same guest as bee, which is started after it"
      #expect((command.output + command.errors).contains(text), "\(command)")
    }
    #expect(try await lab.starts().isEmpty)
    #expect(try await lab.agent.cli("start", "comb", "--wait").output.hasPrefix("ready"))
    #expect(try await lab.starts() == ["bee"])
  }

  @Test("It is stopped after the guests that depend on it, however idle it is itself") func isStoppedLast() async throws
  {
    let lab = try await Lab(
      needs: "db:service_started", bee: ", idle_timeout: 4s", db: "{idle_timeout: 1s, stop_timeout: 20s}")
    try await lab.agent.route("bee", "is napping") { $0["health"]["status"] == "napping" }
    try await lab.pve.control(["op": "power", "vmid": .number(Double(lab.vmid("bee"))), "shutdown": 3])
    for alias in ["db", "bee"] { try await lab.serve(alias) }
    #expect(try await lab.lab.get("bee").status == 200)
    try await lab.reaches("stopped", "db")
    #expect(try await lab.calls("shutdown") == ["bee", "db"])
    let paths = try await lab.pve.requests().map(\.path)
    let lastLook = try #require(paths.lastIndex { $0.contains(":vzshutdown:\(lab.vmid("bee")):") })
    let next = try #require(paths.firstIndex { $0.hasSuffix("/\(lab.vmid("db"))/status/shutdown") })
    #expect(lastLook < next, "the one that depends on it is down first: \(paths[lastLook...])")
  }

  @Test("The response names the guest that is not ready, and the status the reason") func fails() async throws {
    let lab = try await Lab(db: "{wake_timeout: 30s}")
    try await lab.agent.route("bee", "is napping") { $0["health"]["status"] == "napping" }
    let events = try await EventStream(of: lab.agent, query: "?type=control.changed")
    let response = try await lab.lab.get("bee")
    #expect(response.status == 503)
    #expect(response.text.contains("db, which it depends on, is not ready"), "\(response.text)")
    for (alias, cause) in [("db", "nothing answers on"), ("bee", "db, which it depends on, is not ready")] {
      let failed = try await events.wait(for: "control.changed") {
        $0["vmid"].int == lab.vmid(alias) && $0["control"]["state"] == "failed"
      }
      #expect(failed.data["control"]["cause"].string?.contains(cause) == true, "\(failed)")
    }
    #expect(try await lab.starts() == ["db"])
  }
}
