import HTTPTransport
import TestSupport
import Testing

/// Guests without requests, through the real program: what keeps them up, and what they cost.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct IdleGuestTests {
  /// - Parameter prepare: called before the agent starts.
  private static func running(
    _ idle: String, stream: Bool = false, settings: String = "", prepare: (FakePVE) async throws -> Void = { _ in }
  ) async throws -> SleepingHome {
    let home = try await SleepingHome.sleeping(idle: idle, stream: stream, settings: settings) { pve in
      try await prepare(pve)
      try await pve.control(["op": "status", "vmid": 107, "status": "running"])
    }
    try await home.serve()
    try await home.reaches("ready")
    return home
  }

  /// A second guest without such a key shows that more than its idle_timeout has passed.
  @Test(
    "A guest that others started is left running with keep_external, and in the hours of its schedule",
    arguments: ["keep_external: true", "schedule: [\"Mon-Sun 00:00-24:00\"]"])
  func leavesRunning(key: String) async throws {
    let home = try await SleepingHome.sleeping(
      idle: "{idle_timeout: 1s, \(key)}",
      more: "\nother: {port: 81, proxmox: {vmid: 106}, healthcheck: {disable: true}, idlewatcher: {idle_timeout: 3s}}"
    ) { pve in
      for vmid in [106, 107] as [JSON] { try await pve.control(["op": "status", "vmid": vmid, "status": "running"]) }
    }
    try await home.serve()
    try await home.reaches("ready")
    try await home.agent.route("other", "has been stopped") { $0["control"]["state"] == "stopped" }
    #expect(try await home.agent.route("bee")["control"]["state"] == "ready")
    let other = try await home.writes().allSatisfy { $0.hasSuffix("/106/status/shutdown") }
    #expect(other)
  }

  @Test("With idle_net a guest that sends or receives more stays up, although no client uses it")
  func staysUpWhileItHasTraffic() async throws {
    let home = try await SleepingHome.sleeping(idle: "{idle_timeout: 1s, idle_net: 10KB}") { pve in
      try await pve.control(["op": "traffic", "vmid": 107, "rate": 2_000_000])
      try await pve.control(["op": "status", "vmid": 107, "status": "running"])
    }
    try await home.serve()
    try await home.reaches("ready")
    try await eventually("its bytes were counted over ten seconds, and it is looked at again") {
      try await home.pve.requests("/107/status/current").count >= 3 ? () : nil
    }
    #expect(try await home.writes().isEmpty)
    try await home.pve.control(["op": "traffic", "vmid": 107, "rate": 0])
    try await home.reaches("stopped")
    #expect(try await home.writes() == [SleepingHome.shutdown])
  }

  @Test("A shutdown that hangs ends at stop_timeout, is no kill, and says so; the guest goes on") func isNoKill()
    async throws
  {
    let home = try await Self.running("{idle_timeout: 1s, stop_timeout: 2s}") { pve in
      try await pve.control(["op": "power", "vmid": 107, "shutdown": 600])
    }
    let route = try await home.agent.route("bee", "could not be stopped") {
      $0["control"]["state"] == "ready" && $0["control"]["cause"] != .null
    }
    #expect(route["control"]["cause"] == "could not stop: it did not shut down within 2 s, and is left running")
    #expect(try await home.writes() == [SleepingHome.shutdown])
    #expect(try await home.ask().response()?.text == "service\n")
  }

  @Test("The bytes of a stream that outlives its proxy keep the guest up")
  func countsAStreamThatDrains() async throws {
    // Longer than a busy machine may keep this test from asking.
    let home = try await Self.running("{idle_timeout: 20s}", stream: true, settings: ", drain: 5m")
    let port = try await home.lab.streamPort("bee")
    func answers(_ client: RawConnection) async throws -> Bool {
      try await client.send("GET / HTTP/1.1\r\nHost: bee\r\n\r\n")
      return try await client.response()?.text == "service\n"
    }
    // At first the target is an address at which nothing listens.
    let client = try await eventually("a stream is served") { () -> RawConnection? in
      let client = try await RawConnection.connect(to: port)
      return (try? await answers(client)) == true ? client : nil
    }
    var files = home.agent.files
    files.more = ""
    try files.directory.write(files.configuration, to: "pvescout.yml")
    // Less than `drain`, and more than `idle_timeout`.
    var goneSince: ContinuousClock.Instant?
    try await eventually("the proxy is gone, and the stream goes on") { () -> Void? in
      #expect(try await answers(client))
      if goneSince == nil, try await home.agent.get("/v1")["proxy"]["http"] == .null { goneSince = .now }
      return goneSince.map { ContinuousClock.now - $0 > .seconds(25) } == true ? () : nil
    }
    #expect(try await home.writes().isEmpty)
    try await home.reaches("stopped")
  }

  @Test("What is done to a guest is an event, and a guest at rest costs nothing beyond the poll")
  func isFrugal() async throws {
    let home = try await SleepingHome.sleeping(idle: "{idle_timeout: 2s}")
    try await home.isHealth("napping")
    let events = try await EventStream(of: home.agent, query: "?type=control.changed")
    let request = try await home.ask()
    try await home.serve()
    #expect(try await request.response()?.status == 200)
    for state in ["starting", "ready", "stopping", "stopped"] {
      try await events.wait(for: "control.changed") { $0["control"]["state"] == .string(state) }
    }
    try await home.isHealth("napping")
    try await home.pve.control(["op": "forget"])
    try await eventually("there were five polls") {
      try await home.pve.requests("/cluster/resources").count >= 5 ? () : nil
    }
    let about = try await home.pve.requests().filter { $0.path.contains("/107/") }
    #expect(about.isEmpty, "\(about)")
  }

  @Test("An agent that is killed and started again stops nothing at once, however idle the guest was")
  func outlastsAKill() async throws {
    // Longer than a busy machine may keep this test from looking.
    let before = try await Self.running("{idle_timeout: 30s}")
    try await eventually("it is served") { try await before.ask().response()?.status == 200 ? () : nil }
    let begin = ContinuousClock.now
    let home = try await before.killed()
    try await home.reaches("ready")
    #expect(try await home.writes().isEmpty)
    try await home.reaches("stopped")
    #expect(ContinuousClock.now - begin >= .seconds(30))
    #expect(try await home.writes() == [SleepingHome.shutdown])
  }
}
