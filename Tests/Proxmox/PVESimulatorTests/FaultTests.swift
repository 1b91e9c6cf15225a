import HTTPTransport
import PVESimulator
import Testing

@Suite(.timeLimit(.minutes(5))) struct FaultTests {
  @Test(
    arguments: [
      (.status(500, "got timeout"), 500, "got timeout", ""),
      (.status(599, "Too many redirections", body: "no"), 599, "Too many redirections", "no"),
      (.html502, 502, "Bad Gateway", "<html><body><h1>502 Bad Gateway</h1></body></html>\n"),
      (.body("not JSON"), 200, "OK", "not JSON"),
      (.halfJSON, 200, "OK", #"{"data":{"version":"9.0.10","release"#),
    ] as [(Fault.Kind, Int, String, String)])
  func answersInPlaceOfTheCluster(kind: Fault.Kind, status: Int, reason: String, body: String) async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(nodes: 1, guests: 0))
    simulator.inject(Fault(kind, path: "/version"))
    let answer = try await SimulatorClient(simulator).get("/version")
    #expect(answer.status == status)
    #expect(answer.reason == reason)
    #expect(answer.body == body)
    await simulator.shutdown()
  }

  @Test(arguments: [.drop, .truncated] as [Fault.Kind])
  func breaksTheConnectionOff(kind: Fault.Kind) async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(nodes: 1, guests: 0))
    simulator.inject(Fault(kind))
    await #expect(throws: HTTPTransportError.self) { try await SimulatorClient(simulator).get("/version") }
    #expect(simulator.requests().contains { $0.path == "/version" })
    await simulator.shutdown()
  }

  @Test func neverAnswers() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(nodes: 1, guests: 0))
    simulator.inject(Fault(.hang))
    let failure = await #expect(throws: HTTPTransportError.self) {
      try await SimulatorClient(simulator).get("/version", timeout: .seconds(1))
    }
    if case .timedOut = failure {} else { Issue.record("\(String(describing: failure))") }
    await simulator.shutdown()
  }

  @Test func happensAsOftenAsItWasTold() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(nodes: 1, guests: 0))
    simulator.inject(Fault(.status(500, "once"), method: "GET", path: "/nodes", times: 2))
    let client = SimulatorClient(simulator)
    #expect(try await client.get("/version").status == 200)
    #expect(try await client.get("/nodes/pve1/network").status == 500)
    #expect(try await client.get("/nodes").status == 500)
    #expect(try await client.get("/nodes").status == 200)
    simulator.inject(Fault(.status(500, "always")))
    #expect(try await client.get("/nodes").status == 500)
    simulator.clearFaults()
    #expect(try await client.get("/nodes").status == 200)
    await simulator.shutdown()
  }
}
