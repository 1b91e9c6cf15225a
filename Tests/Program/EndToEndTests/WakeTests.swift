import Foundation
import HTTPTransport
import TestSupport
import Testing

/// Guests that requests start, and that are stopped when they have none, through the real program.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct WakeTests {
  @Test("A request starts the guest and waits; a passive one does neither")
  func wakesForARequest() async throws {
    let home = try await SleepingHome.sleeping()
    let health = try await home.isHealth("napping")["health"]
    #expect(health["detail"] == "its guest sleeps until a request needs it")
    for line in ["HEAD / HTTP/1.1", "GET /favicon.ico HTTP/1.1", "GET / HTTP/1.1\r\nUser-Agent: Uptime-Kuma/1.23"] {
      let response = try #require(try await home.lab.exchange("\(line)\r\nHost: bee\r\n\r\n"))
      #expect(response.status == 503 && response["Retry-After"] == "60", "\(line)")
    }
    #expect(try await home.writes().isEmpty)
    let request = try await home.ask("/albums?secret=1", "User-Agent: curl/8.0")
    try await home.reaches("waiting")
    try await home.isHealth("starting")
    try await home.serve()
    #expect(try await request.response()?.text == "service\n")
    let route = try await home.reaches("ready")
    #expect(route["control"]["started_by"] == "bee: 127.0.0.1 GET /albums (curl/8.0)")
    try await home.isHealth("healthy")
    #expect(try await home.writes() == [SleepingHome.start])
    let steps = try await home.agent.get("/v1/routes/bee/explain")["steps"]
    #expect(
      steps.first(where: "step", is: "control")["detail"].string?.contains("bee: 127.0.0.1 GET /albums (curl/8.0)")
        == true)
  }

  @Test("Two hundred requests at once start one task, and all are served")
  func startsOneTask() async throws {
    let home = try await SleepingHome.sleeping()
    try await home.isHealth("napping")
    var requests: [RawConnection] = []
    for number in 0..<200 { requests.append(try await home.ask("/\(number)")) }
    try await home.reaches("waiting")
    try await home.serve()
    for request in requests {
      let response = try await request.response()
      #expect(response?.status == 200, "\(response?.text ?? "nothing"): \(home.agent.program.errors)")
    }
    #expect(try await home.writes() == [SleepingHome.start])
  }

  @Test("A browser sees how it wakes, live, and then the site")
  func showsThePage() async throws {
    let home = try await SleepingHome.sleeping()
    try await home.isHealth("napping")
    let page = try #require(try await home.ask("/", "Accept: text/html", "Sec-Fetch-Mode: navigate").response())
    #expect(page.status == 503 && page["Retry-After"] == "2")
    #expect(page.text.contains("container 107 (prometheus) sleeps and is being woken."))
    let events = try await home.ask("/.well-known/pvescout/wake")
    #expect(try await events.head()?["Content-Type"] == "text/event-stream")
    try await home.serve()
    #expect(try await events.take(through: "event: ready") != nil)
    #expect(try await home.ask("/", "Accept: text/html").response()?.text == "service\n")
    #expect(try await home.writes() == [SleepingHome.start])
  }

  @Test("A TCP connection is held while its guest wakes")
  func holdsAStream() async throws {
    let home = try await SleepingHome.sleeping(stream: true)
    try await home.isHealth("napping")
    let client = try await RawConnection.connect(to: try await home.lab.streamPort("bee"))
    try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    try await home.reaches("waiting")
    try await home.serve()
    #expect(try await client.response()?.text == "service\n")
    #expect(try await home.reaches("ready")["control"]["started_by"] == "bee: 127.0.0.1 over TCP")
  }

  @Test("A guest is stopped a whole idle_timeout after the last byte, and wakes again; in between it keeps what it is")
  func restsAndWakes() async throws {
    let home = try await SleepingHome.sleeping(idle: "{idle_timeout: 8s}")
    let before = try await home.pve.requests().count
    #expect(before > 0)
    let request = try await home.ask()
    try await home.reaches("waiting")
    try await home.serve()
    #expect(try await request.response()?.status == 200)
    // Requests keep it awake for longer than an idle_timeout.
    var expected = [SleepingHome.start]
    var begin = ContinuousClock.now
    var (lastRequest, lastResponse) = (begin, begin)
    try await eventually(every: .milliseconds(500), "it is in use for 10 s") { () -> Void? in
      let writes = try await home.writes()
      lastRequest = ContinuousClock.now
      #expect(try await home.ask().response()?.status == 200)
      let pause = ContinuousClock.now - lastResponse
      lastResponse = ContinuousClock.now
      if pause > .seconds(7) {
        // The machine was so slow that the guest may have been stopped, and started again for this request.
        try await home.pve.control(["op": "forget"])
        (expected, begin) = ([], ContinuousClock.now)
        return nil
      }
      // Had it been stopped since, the response would not have come so soon.
      #expect(writes == expected)
      return lastResponse - begin > .seconds(10) ? () : nil
    }
    try await home.reaches("stopped")
    #expect(ContinuousClock.now - lastRequest >= .seconds(8))
    #expect(try await home.writes() == expected + [SleepingHome.shutdown])
    try await home.silence()
    try await home.isHealth("napping")
  }

  @Test("With idle_cpu a guest that is busy stays up, although no client uses it")
  func staysUpWhileBusy() async throws {
    let home = try await SleepingHome.sleeping(idle: "{idle_timeout: 1s, idle_cpu: 5%}") { pve in
      try await pve.control(["op": "load", "vmid": 107, "cpu": .number(0.5)])
      try await pve.control(["op": "status", "vmid": 107, "status": "running"])
    }
    try await home.serve()
    try await home.reaches("ready")
    try await eventually("it was looked at three times") {
      try await home.pve.requests("/107/status/current").count >= 3 ? () : nil
    }
    #expect(try await home.writes().isEmpty)
    try await home.pve.control(["op": "load", "vmid": 107, "cpu": .number(0.01)])
    try await home.reaches("stopped")
    #expect(try await home.writes() == [SleepingHome.shutdown])
  }

  @Test(
    "What keeps it from waking is said to the client",
    arguments: [
      ("lock", "it is locked by PVE (backup)"),
      ("error", "PVE has tried, and its start has failed"),
      ("right", "the agent lacks the right to start it"),
      ("gone", "PVE has no such guest|is gone|no node and no guest fits it"),
      ("silent", "it runs, but its service does not answer after 30 s"),
      ("hang", "it does not run after 30 s"), ("node", "node pve2 is offline|its node cannot be reached"),
    ])
  func saysWhy(fault: String, cause: String) async throws {
    let isTimed = fault == "silent" || fault == "hang"
    let home = try await SleepingHome.sleeping(idle: isTimed ? "{wake_timeout: 30s}" : "{}") { pve in
      switch fault {
      case "lock": try await pve.control(["op": "lock", "vmid": 107, "lock": "backup"])
      case "error":
        try await pve.control(["op": "power", "vmid": 107, "error": "startup for container '107' failed"])
      case "hang": try await pve.control(["op": "power", "vmid": 107, "start": 600])
      default: break
      }
    }
    try await home.isHealth("napping")
    switch fault {
    case "right":
      let rights: JSON = ["VM.Audit", "Sys.Audit"]
      try await home.pve.control(
        ["op": "grant", "user": "pvescout@pve", "path": "/", "privileges": rights],
        ["op": "grant", "user": .string(home.pve.tokenID), "path": "/", "privileges": rights])
    case "gone": try await home.pve.control(["op": "remove", "vmid": 107])
    case "node": try await home.pve.control(["op": "offline", "node": "pve2"])
    default: break
    }
    let response = try await home.refusal()
    #expect(response.status == 503 && response["Retry-After"] != nil, "\(fault)")
    let isSaid = cause.split(separator: "|").contains { response.text.contains($0) }
    #expect(isSaid, "\(fault): \(response.text)")
  }

  @Test("The address of a guest with DHCP is learnt while it wakes")
  func learnsTheAddress() async throws {
    let pve = try await FakePVE.start(lxc: 8, vms: 1)
    let guest = try #require(pve.manifest.guests.first { $0.type == "lxc" && $0.addressing == "dhcp" })
    try await pve.control(["op": "status", "vmid": .number(Double(guest.vmid)), "status": "stopped"])
    let address = "\(pve.manifest.network.split(separator: ".").prefix(2).joined(separator: ".")).250.9"
    try await pve.control(["op": "address", "vmid": .number(Double(guest.vmid)), "address": .string(address)])
    let port = try #require(try await pve.control(["op": "serve", "address": .string(address)]).int)
    let lab = try await ProxyLab.start(
      routes: "bee: {port: \(port), proxmox: {vmid: \(guest.vmid), start: on_request}}",
      clusters: [pve.entry() + "\n    control: true"], interval: "1h")
    try await lab.agent.route("bee", "sleeps without an address") {
      $0["control"]["state"] == "stopped" && $0["target"] == .null
    }
    #expect(try await lab.get("bee").text == "service\n")
    #expect(try await lab.agent.route("bee")["target"].string == "http://\(address):\(port)")
  }

  @Test("A guest that somebody stopped by hand is woken by the next request, before any poll has seen it")
  func noticesAStopByHand() async throws {
    let home = try await SleepingHome.sleeping(interval: "1h") { pve in
      try await pve.control(["op": "status", "vmid": 107, "status": "running"])
    }
    try await home.serve()
    try await home.isHealth("healthy")
    #expect(try await home.ask().response()?.status == 200)
    try await home.silence()
    try await home.pve.control(["op": "status", "vmid": 107, "status": "stopped"])
    let request = try await home.ask()
    try await home.reaches("waiting")
    try await home.serve()
    #expect(try await request.response()?.status == 200)
    #expect(try await home.writes() == [SleepingHome.start])
  }

  @Test("A guest that crashes right after its start is found out by its clients, and is woken again after a while")
  func crashesAtOnce() async throws {
    let home = try await SleepingHome.sleeping(interval: "1h")
    try await home.isHealth("napping")
    let first = try await home.ask()
    try await home.serve()
    #expect(try await first.response()?.status == 200)
    try await home.crash()
    let response = try #require(try await home.ask().response())
    #expect(response.status == 503 && response["Retry-After"] != nil)
    #expect(response.text.contains("it started and ended by itself"), "\(response.text)")
    try await home.serve()
    try await eventually(every: .milliseconds(500), "it wakes") {
      try await home.ask().response()?.status == 200 ? () : nil
    }
    #expect(try await home.writes() == [SleepingHome.start, SleepingHome.start])
  }

  @Test("Without any client the lists say so, and on_load starts it again")
  func crashesUnseen() async throws {
    let home = try await SleepingHome.sleeping(start: "on_load")
    try await home.serve()
    try await home.reaches("ready")
    try await home.agent.route("bee", "is seen running") { $0["link"]["guest_status"] == "running" }
    let events = try await EventStream(of: home.agent, query: "?type=control.changed")
    try await home.crash()
    // The guest is started again after a while.
    let failed = try await events.wait(for: "control.changed") { $0["control"]["state"] == "failed" }
    #expect(failed.data["control"]["cause"] == "it started and ended by itself: see its log in PVE")
    try await home.serve()
    try await home.reaches("ready")
    #expect(try await home.writes() == [SleepingHome.start, SleepingHome.start])
  }
}
