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

    init(bee: String, db: String = "{}") async throws {
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
      lab = try await ProxyLab.start(
        routes: """
          bee: {port: \(ports["bee"] ?? 0), proxmox: {vmid: \(guests["bee"]?.vmid ?? 0), start: \(bee)}, idlewatcher: {depends_on: ["db:service_healthy"]}}
          db: {port: \(ports["db"] ?? 0), proxmox: {vmid: \(guests["db"]?.vmid ?? 0)}, idlewatcher: \(db)}
          """, clusters: [pve.entry() + "\n    control: true"])
    }

    func serve(_ alias: String) async throws {
      try await pve.control([
        "op": "serve", "address": .string(guests[alias]?.address ?? ""), "port": .number(Double(ports[alias] ?? 0)),
      ])
    }

    /// The aliases of what was started, in order.
    func starts() async throws -> [String] {
      try await pve.requests("/status/start").compactMap { request in
        guests.first { request.path.contains("/\($0.value.vmid)/") }?.key
      }
    }

    /// Until the route's own guest is up, after the one that it needs.
    func comeUpInOrder() async throws {
      let db = try await lab.agent.route("db", "is waited for") { $0["control"]["state"] == "waiting" }
      #expect(db["control"]["started_by"] == "bee depends on it")
      let bee = try await lab.agent.route("bee")["control"]
      #expect(bee["state"] == "starting" && bee["cause"] == "it waits for db", "\(bee)")
      #expect(try await starts() == ["db"])
      try await serve("db")
      try await lab.agent.route("bee", "is started then") { $0["control"]["state"] == "waiting" }
      try await serve("bee")
      try await lab.agent.route("bee", "is up") { $0["control"]["state"] == "ready" }
      #expect(try await starts() == ["db", "bee"])
    }
  }

  @Test("A command starts it first") func byCommand() async throws {
    let lab = try await Lab(bee: "never")
    let command = try await lab.lab.agent.cli("start", "bee")
    #expect(command.status == .code(0), "\(command.errors)")
    #expect(command.output.hasPrefix("starting"), "\(command.output)")
    try await lab.comeUpInOrder()
  }

  @Test("on_load starts it first") func onLoad() async throws {
    try await Lab(bee: "on_load").comeUpInOrder()
  }

  @Test("A client is told which one is not ready, and the status why") func fails() async throws {
    let lab = try await Lab(bee: "on_request", db: "{wake_timeout: 2s}")
    try await lab.lab.agent.route("bee", "is napping") { $0["health"]["status"] == "napping" }
    let response = try await lab.lab.get("bee")
    #expect(response.status == 503)
    #expect(response.text.contains("db, which it depends on, is not ready"), "\(response.text)")
    let cause = try await lab.lab.agent.route("bee")["control"]["cause"].string ?? ""
    #expect(cause.contains("nothing answers on"), "\(cause)")
    #expect(try await lab.starts() == ["db"])
  }
}
