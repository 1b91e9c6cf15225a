import TestSupport
import Testing

/// The output of `pvescout doctor` about routes: linked as the agent links them, with what was read from PVE.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10))) struct DoctorRouteTests {
  private static let unprobed = "healthcheck: {disable: true}"

  private func files(_ pve: FakePVE, _ routes: String...) throws -> AgentFiles {
    var files = try AgentFiles(clusters: [pve.entry()], routes: ["routes.yml": routes.joined(separator: "\n")])
    files.discovery = "{request_timeout: 60s}"
    return files
  }

  /// The routes of a healthy lab.
  @Test func namesWhereTheRoutesLead() async throws {
    let pve = try await FakePVE.start(lxc: 8, vms: 1)
    let address = try #require(try pve.guest("jellyfin").address)
    let port = try #require(try await pve.control(["op": "serve", "address": .string(address), "status": 200]).int)
    let doctor = try await Doctor.run(
      files(
        pve, "jellyfin: {scheme: http, port: \(port)}", "other: {scheme: http, host: \(address), port: \(port)}",
        "docs-old: {port: 80}"))
    #expect(doctor.status == .code(0), "\(doctor)")
    #expect(doctor.says("ok", "routes", "2 of 2 routes linked", "jellyfin to guest 100 (jellyfin) on"), "\(doctor)")
    #expect(doctor.output.hasSuffix("all is well\n"), "\(doctor.output)")
  }

  @Test func namesRoutesWithoutALinkOrATarget() async throws {
    let pve = try await FakePVE.start(lxc: 8, vms: 1)
    try await pve.control(["op": "clone", "vmid": 100, "newid": 300, "name": "twin"])
    try await pve.control(["op": "clone", "vmid": 100, "newid": 301, "name": "twin"])
    let doctor = try await Doctor.run(
      files(
        pve, "jelyfin: {port: 80}", "twin: {port: 80}", "gone: {port: 80, proxmox: {vmid: 999}}",
        "kept: {host: 127.0.0.1, port: 80, proxmox: {vmid: 999}, \(Self.unprobed)}"))
    #expect(doctor.status == .code(1), "\(doctor)")
    #expect(doctor.says("problem", "jelyfin", "routes.yml:1:1", "no target", "guest 100 is 'jellyfin'"), "\(doctor)")
    #expect(doctor.says("problem", "twin", "ambiguous", "300", "301"), "\(doctor)")
    #expect(doctor.says("routes.yml:2:1", "add proxmox: {vmid: NUMBER}"), "\(doctor)")
    #expect(doctor.says("problem", "gone", "vmid 999 does not exist"), "\(doctor)")
    #expect(doctor.says("warning", "kept", "vmid 999 does not exist"), "\(doctor)")
    #expect(doctor.says("0 of 4 routes linked") && !doctor.output.contains("all is well"), "\(doctor)")
  }

  @Test func namesAGuestThatIsStoppedAndANodeThatIsOffline() async throws {
    let pve = try await FakePVE.start(lxc: 8, vms: 1)
    try await pve.control(["op": "status", "vmid": 100, "status": "stopped"])
    let away = try #require(pve.manifest.guests.first { $0.vmid != 100 && $0.node != pve.manifest.guests[0].node })
    try await pve.control(["op": "offline", "node": .string(away.node)])
    var files = try files(
      pve, "jellyfin: {port: 80}", "away: {port: 80, proxmox: {vmid: \(away.vmid)}}",
      "asleep: {port: 80, proxmox: {vmid: 100, start: on_request}}")
    let doctor = try await Doctor.run(files)
    #expect(doctor.says("warning", "jellyfin (", "guest 100 (jellyfin)", "is stopped"), "\(doctor)")
    #expect(doctor.says("pct start 100") && doctor.says("warning", "asleep (", "is stopped"), "\(doctor)")
    #expect(doctor.says("problem", "away (", "guest \(away.vmid)", "the node is offline"), "\(doctor)")
    files.clusters = [pve.entry() + "\n    control: true"]
    let controlled = try await Doctor.run(files)
    #expect(!controlled.output.contains("asleep ("), "a request starts it: \(controlled)")
  }

  @Test func namesAHostThatDoesNotResolveAndAServiceThatIsSilent() async throws {
    let files = try AgentFiles(routes: [
      "routes.yml": """
      nowhere: {host: no-such-name.invalid, port: 80}
      silent: {host: 127.0.0.1, port: 1, scheme: http}
      """
    ])
    let doctor = try await Doctor.run(files)
    #expect(doctor.status == .code(1), "\(doctor)")
    #expect(doctor.says("problem", "nowhere", "'no-such-name.invalid' does not resolve"), "\(doctor)")
    #expect(doctor.says("warning", "silent", "http://127.0.0.1:1", "connection refused"), "\(doctor)")
  }

  /// Another program has the ports; the agent's own do not count.
  @Test func namesPortsThatCannotBeHad() async throws {
    let holder = try await EchoUpstream()
    var files = try AgentFiles(routes: [
      "routes.yml": "stream: {bind: \(holder.host), host: \(holder.host), port: \"\(holder.port):\(holder.port)\"}"
    ])
    let taken = "listen on tcp \(holder.host):\(holder.port)"
    files.more = "proxy: {http: \"127.0.0.1:0\"}"
    let stream = try await Doctor.run(files)
    #expect(stream.status == .code(1) && stream.says("problem", "stream (", taken, "another program"), "\(stream)")
    files.routes = ["routes.yml": "{}"]
    files.more = "proxy: {http: \"\(holder.host):\(holder.port)\"}"
    let proxy = try await Doctor.run(files)
    #expect(proxy.status == .code(1) && proxy.says("problem", "proxy.http", taken), "\(proxy)")
  }

  @Test func thePortsOfTheRunningAgentAreItsOwn() async throws {
    let upstream = try await EchoUpstream()
    var files = try AgentFiles(routes: ["routes.yml": "stream: {host: \(upstream.host), port: \"0:\(upstream.port)\"}"])
    files.more = "proxy: {http: \"127.0.0.1:0\"}"
    let agent = try await RunningAgent.ready(files)
    let proxy = try await eventually("the proxy listens") { try await agent.get("/v1")["proxy"]["http"].string }
    let listen = try await agent.route("stream", "listens") { $0["listen"] != .null }["listen"].string ?? ""
    let port = try #require(listen.split(separator: ":").last)
    files.more = "proxy: {http: \"\(proxy)\"}"
    files.routes = ["routes.yml": "stream: {host: \(upstream.host), port: \"\(port):\(upstream.port)\"}"]
    let doctor = try await Doctor.run(files)
    #expect(!doctor.output.contains("cannot listen"), "\(doctor)")
    #expect(doctor.status == .code(0) && doctor.output.hasSuffix("all is well\n"), "\(doctor)")
  }
}
