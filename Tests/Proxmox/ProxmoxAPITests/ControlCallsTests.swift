import HTTPTransport
import PVESimulator
import PeerTrust
import TestSupport
import Testing

@testable import ProxmoxAPI

@Suite("Calls that start and stop", .timeLimit(.minutes(5))) struct ControlCallsTests {
  private let http = HTTPClient()

  private func simulator(
    _ change: (inout SimulatedCluster) -> Void = { _ in }
  ) async throws -> PVESimulator {
    var token = SimulatedCluster.sampleToken
    token.permissions = Permissions(["/": .init(["VM.Audit", "VM.PowerMgmt", "Sys.PowerMgmt"])])
    var cluster = SimulatedCluster(
      nodes: [SimulatedNode(name: "pve1"), SimulatedNode(name: "pve2", isOnline: false)],
      guests: [
        .container(101, "plex", on: "pve1", address: "127.64.16.1"),
        .virtualMachine(200, "home", on: "pve1", address: "127.64.16.3"),
      ], tokens: [token])
    cluster.stop(101)
    change(&cluster)
    return try await PVESimulator.start(cluster: cluster)
  }

  private func client(
    _ simulator: PVESimulator,
    _ credentials: ProxmoxCredentials = .token(
      id: SimulatedCluster.sampleToken.id, secret: SimulatedCluster.sampleToken.secret)
  ) throws -> ProxmoxClient {
    let pin = try #require(CertificateFingerprint(simulator.fingerprint))
    return ProxmoxClient(
      endpoint: simulator.url, credentials: credentials, trust: .fingerprints([pin]), http: http,
      timeout: .seconds(60))
  }

  private let plex = GuestPlace(node: "pve1", vmid: 101, isQEMU: false)
  private let home = GuestPlace(node: "pve1", vmid: 200, isQEMU: true)

  private func end(of task: UPID, _ client: ProxmoxClient) async throws -> TaskState {
    try await eventually("the task ends") {
      let state = try await client.state(of: task)
      return state == .running ? nil : state
    }
  }

  @Test("A start is a task; after its end, the guest runs")
  func starts() async throws {
    let simulator = try await simulator { $0.change(101) { $0.power.startTime = .milliseconds(200) } }
    let client = try client(simulator)
    let task = try await client.start(plex)
    #expect(task.node == "pve1" && task.type == "vzstart" && !task.isHARequest)
    #expect(try await end(of: task, client) == .succeeded(warnings: 0))
    #expect(try await client.status(of: plex).status == "running")
    await simulator.shutdown()
  }

  @Test("The load of a guest is what the lists say; nothing is known of one that is not in them")
  func readsTheLoad() async throws {
    let simulator = try await simulator()
    let client = try client(simulator)
    #expect(try await client.load(of: 200) == 0.0123)
    #expect(try await client.load(of: 101) == 0)
    #expect(try await client.load(of: 999) == nil)
    await simulator.shutdown()
  }

  @Test("A shutdown has a time-out and may be forced", arguments: [true, false])
  func shutsDown(force: Bool) async throws {
    let simulator = try await simulator { $0.change(200) { $0.power.shutdownTime = nil } }
    let client = try client(simulator)
    let task = try await client.shutdown(home, timeout: .milliseconds(900), force: force)
    let state = try await end(of: task, client)
    #expect(state == (force ? .succeeded(warnings: 0) : .failed("VM quit/powerdown failed - got timeout")))
    #expect(simulator.cluster[200]?.status == (force ? "stopped" : "running"))
    await simulator.shutdown()
  }

  @Test("A VM is suspended and resumed in memory")
  func suspends() async throws {
    let simulator = try await simulator()
    let client = try client(simulator)
    _ = try await end(of: try await client.suspend(home), client)
    let paused = try await client.status(of: home)
    #expect(paused.status == "running" && paused.qmpStatus == "paused")
    _ = try await end(of: try await client.resume(home), client)
    #expect(try await client.status(of: home).qmpStatus == "running")
    await simulator.shutdown()
  }

  @Test("Errors that PVE reports at once, and errors of the task")
  func refusals() async throws {
    let simulator = try await simulator { $0.change(101) { $0.lock = "backup" } }
    let client = try client(simulator)
    #expect(try await end(of: try await client.start(plex), client) == .failed("CT is locked (backup)"))
    simulator.update { $0.change(101) { ($0.lock, $0.isTemplate) = (nil, true) } }
    #expect(
      try await end(of: try await client.start(plex), client) == .failed("you can't start a CT if it's a template"))
    let missing = GuestPlace(node: "pve1", vmid: 777, isQEMU: false)
    #expect(
      try await end(of: try await client.start(missing), client)
        == .failed("Configuration file 'nodes/pve1/lxc/777.conf' does not exist"))
    #expect(try await end(of: try await client.start(home), client) == .failed("VM 200 already running"))
    simulator.update { $0.start(101) }
    await #expect(throws: ProxmoxError.server(status: 500, "CT 101 already running")) { try await client.start(plex) }
    simulator.update { $0.tokens[0].permissions = .none }
    await #expect {
      try await client.start(plex)
    } throws: { error in
      (error as? ProxmoxError)?.description.contains("VM.PowerMgmt") == true
    }
    await simulator.shutdown()
  }

  @Test("With HA, the task ends before the guest changes")
  func leavesToHA() async throws {
    let simulator = try await simulator {
      $0.change(101) { ($0.haState, $0.power.haDelay) = ("stopped", .milliseconds(300)) }
    }
    let client = try client(simulator)
    let task = try await client.start(plex)
    #expect(task.isHARequest)
    #expect(try await end(of: task, client) == .succeeded(warnings: 0))
    let state = try await eventually("it runs") {
      let state = try await client.status(of: plex)
      return state.status == "running" ? state : nil
    }
    #expect(state.isHAManaged)
    await simulator.shutdown()
  }

  @Test("Waking a node needs its own privilege")
  func wakesNode() async throws {
    let simulator = try await simulator()
    try await client(simulator).wake(node: "pve2")
    #expect(simulator.cluster.node("pve2")?.isOnline == true)
    await simulator.shutdown()
  }

  @Test("After a login, changing calls have the CSRF token, and are sent once")
  func logsIn() async throws {
    let simulator = try await simulator {
      $0.users = [
        SimulatedUser(name: "power@pve", password: "secret", permissions: Permissions(["/": .init(["VM.PowerMgmt"])]))
      ]
    }
    let client = try client(simulator, .password(username: "power@pve", password: "secret"))
    _ = try await client.start(plex)
    simulator.inject(Fault(.drop, method: "POST", path: "/nodes/pve1/qemu"))
    simulator.clearRequests()
    await #expect(throws: ProxmoxError.self) { try await client.shutdown(home, timeout: .seconds(1), force: false) }
    #expect(simulator.requests().count { $0.method == "POST" } == 1)
    await simulator.shutdown()
  }

  static let ends: [(String, TaskState)] = [
    (#"{"status":"running"}"#, .running), (#"{"status":"stopped","exitstatus":"OK"}"#, .succeeded(warnings: 0)),
    (#"{"status":"stopped","exitstatus":"WARNINGS: 3"}"#, .succeeded(warnings: 3)),
    (#"{"status":"stopped","exitstatus":"WARNINGS: 99999999999999999999"}"#, .succeeded(warnings: 1)),
    (#"{"status":"stopped"}"#, .failed("ended without a status")),
    (#"{"status":"stopped","exitstatus":"un\u001b[31mexpected\nstatus"}"#, .failed("un [31mexpected status")),
  ]

  @Test("The end of a task is read from its exit status", arguments: ends)
  func readsEnds(text: String, state: TaskState) async throws {
    let simulator = try await simulator()
    let upid = try #require(UPID("UPID:pve1:0000246C:00055983:6B0B2A5D:vzstart:101:a@pve!b:"))
    simulator.inject(Fault(.body(#"{"data":\#(text)}"#), path: "/nodes/pve1/tasks"))
    #expect(try await client(simulator).state(of: upid) == state)
    await simulator.shutdown()
  }

  @Test(
    "Only valid task names are accepted",
    arguments: [
      "", "UPID:", "UPID:pve1:1:2:3:vzstart:101:a@pve", "UPID::1:2:3:vzstart:101:a@pve:", "UPID:p\n1:1:2:3:x:1:a:",
    ])
  func readsNames(text: String) { #expect(UPID(text) == nil) }
}
