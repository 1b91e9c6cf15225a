import Foundation
import HTTPTransport
import TestSupport
import Testing

/// A stopped LXC of fakepve, a route `bee` whose requests start it, and the real agent that serves it.
struct SleepingHome {
  static let vmid = 107
  static let start = "POST /api2/json/nodes/pve2/lxc/107/status/start"
  static let shutdown = "POST /api2/json/nodes/pve2/lxc/107/status/shutdown"

  let pve: FakePVE
  let lab: ProxyLab
  let address: String
  let port: Int

  var agent: RunningAgent { lab.agent }

  /// - Parameters:
  ///   - idle: the keys of `idlewatcher`.
  ///   - keys: more of the route's own keys, such as `, scheme: http`.
  ///   - more: further routes.
  ///   - control: of the cluster.
  ///   - stream: the route `bee` is one of TCP.
  ///   - interval: between two polls.
  ///   - settings: more of `proxy:`, such as `, drain: 5m`.
  static func sleeping(
    start: String = "on_request", idle: String = "{}", keys: String = "", control: String = "true",
    stream: Bool = false, interval: String = "500ms", more: String = "", settings: String = "",
    prepare: (FakePVE) async throws -> Void = { _ in }
  ) async throws -> SleepingHome {
    let pve = try await FakePVE.start(lxc: 8, vms: 1)
    let address = try #require(try pve.guest("prometheus").address)
    // A port that was free a moment ago, and is the guest's from now on.
    let port = try #require(try await pve.control(["op": "serve", "address": .string(address)]).int)
    try await pve.control(["op": "silence", "address": .string(address), "port": .number(Double(port))])
    try await prepare(pve)
    let lab = try await ProxyLab.start(
      routes: """
        bee: {port: \(stream ? "\"0:\(port)\"" : "\(port)"), proxmox: {vmid: \(vmid), start: \(start)}, idlewatcher: \(idle)\(keys)}\(more)
        """, settings: settings, clusters: [pve.entry() + "\n    control: \(control)"], interval: interval)
    return SleepingHome(pve: pve, lab: lab, address: address, port: port)
  }

  /// Kills the agent, and starts another one on its files and state.
  func killed() async throws -> SleepingHome {
    agent.program.signal(SIGKILL)
    _ = try await agent.program.exit()
    let next = try await RunningAgent.start(agent.files, writing: false)
    let lab = ProxyLab(agent: next, port: try await ProxyLab.listeningPort(of: next))
    return SleepingHome(pve: pve, lab: lab, address: address, port: port)
  }

  func serve() async throws {
    try await pve.control(["op": "serve", "address": .string(address), "port": .number(Double(port))])
  }

  func silence() async throws {
    try await pve.control(["op": "silence", "address": .string(address), "port": .number(Double(port))])
  }

  /// The guest ends by itself.
  func crash() async throws {
    try await pve.control(["op": "status", "vmid": .number(Double(Self.vmid)), "status": "stopped"])
    try await silence()
  }

  /// What was asked of PVE besides reading.
  func writes() async throws -> [String] {
    try await pve.requests().filter { $0.method != "GET" }.map { "\($0.method) \($0.path)" }
  }

  @discardableResult
  func reaches(_ state: String) async throws -> JSON {
    try await agent.route("bee", "has a guest that is \(state)") { $0["control"]["state"] == .string(state) }
  }

  @discardableResult
  func isHealth(_ status: String) async throws -> JSON {
    try await agent.route("bee", "is \(status)") { $0["health"]["status"] == .string(status) }
  }

  /// A request on a connection of its own, whose response is read later.
  func ask(_ path: String = "/", _ fields: String...) async throws -> RawConnection {
    let connection = try await lab.connect()
    let lines = ["GET \(path) HTTP/1.1", "Host: bee"] + fields + ["", ""]
    try await connection.send(lines.joined(separator: "\r\n"))
    return connection
  }

  /// The response to a client that is told why the guest is not up. A client's own time limit may pass just before that
  /// of the guest; then the next client is told.
  func refusal() async throws -> RawMessage {
    try await eventually("a client is told why") { () -> RawMessage? in
      let response = try #require(try await ask().response())
      return response.text.contains("was not up in time") ? nil : response
    }
  }
}
