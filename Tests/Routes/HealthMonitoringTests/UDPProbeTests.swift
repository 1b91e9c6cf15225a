import HTTPTransport
import RouteModel
import TestSupport
import Testing

@testable import HealthMonitoring

@Suite(.timeLimit(.minutes(5))) struct UDPProbeTests {
  private let probe = UDPProbe(client: HTTPClient())

  @Test func admitsThatItCannotKnowWithoutAPayload() async {
    let result = await probe.probe(host: "127.0.0.1", port: 9, question: nil, timeout: .seconds(180))
    #expect(result.outcome == .notCheckable(reason: "UDP cannot be checked without a payload"))
  }

  @Test(arguments: [[], [2, 3], [1, 2, 3, 4]] as [[UInt8]])
  func isContentWithTheExpectedAnswer(expected: [UInt8]) async throws {
    let server = try await DatagramServer { _ in [[1, 2, 3, 4]] }
    let result = await ask(server, [7, 0, 255], expected)
    guard case .success(let latency, "answered 4 bytes") = result.outcome else {
      Issue.record("\(result)")
      return
    }
    #expect(latency > .zero)
    #expect(result.phases?.firstByte == latency)
    #expect(server.received == [[7, 0, 255]])
  }

  @Test func passesOverOtherAnswers() async throws {
    let server = try await DatagramServer { _ in [[9], [], [1, 2, 3]] }
    #expect(await ask(server, [1], [2, 3]).outcome.isSuccess)
  }

  @Test func saysWhetherAnythingWasAnswered() async throws {
    let other = try await DatagramServer { _ in [[9]] }
    let wantsMore = await timesOut("waiting for the expected answer") { timeout in
      await self.ask(other, [1], [2], timeout: timeout).outcome
    }
    #expect(wantsMore)
    let silent = try await DatagramServer { _ in [] }
    let wantsAny = await timesOut("waiting for an answer") { timeout in
      await self.ask(silent, [1], [], timeout: timeout).outcome
    }
    #expect(wantsAny)
  }

  @Test func reportsAClosedPort() async throws {
    let server = try await DatagramServer { _ in [] }
    try await server.stop()
    #expect(await ask(server, [1], []).outcome == .failure(.refused(address: "\(server.host):\(server.port)")))
  }

  @Test func looksUpAName() async throws {
    // The system's own name for loopback; no packet is sent for it.
    let result = await probe.probe(
      host: "localhost", port: 9, question: .init(payload: [1], expected: []), timeout: .seconds(180))
    guard case .failure(.refused) = result.outcome else {
      Issue.record("\(result)")
      return
    }
  }

  @Test func endsWithItsTask() async throws {
    let server = try await DatagramServer { _ in [] }
    let asking = Task { await ask(server, [1], []) }
    try await eventually("it is asked") { server.received.isEmpty ? nil : true }
    asking.cancel()
    #expect(await asking.value.outcome == .abandoned)
  }

  private func ask(
    _ server: DatagramServer, _ payload: [UInt8], _ expected: [UInt8], timeout: Duration = .seconds(180)
  ) async -> ProbeResult {
    await probe.probe(
      host: server.host, port: server.port, question: .init(payload: payload, expected: expected), timeout: timeout)
  }
}
