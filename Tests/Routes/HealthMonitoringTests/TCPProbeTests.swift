import HTTPTransport
import RouteModel
import TestSupport
import Testing

@testable import HealthMonitoring

@Suite(.timeLimit(.minutes(5))) struct TCPProbeTests {
  @Test func isContentWithAConnection() async throws {
    let server = try await UpstreamServer(answer: .silence)
    let probe = TCPProbe(client: HTTPClient())
    let outcome = await probe.probe(host: server.host, port: server.port, timeout: .seconds(180))
    guard case .success(let latency, "connected") = outcome.outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(latency > .zero)
    #expect(server.requests.isEmpty)

    try await server.stop()
    let refused = await probe.probe(host: server.host, port: server.port, timeout: .seconds(180))
    #expect(outcome.phases?.connect != nil)
    #expect(refused.outcome == .failure(.refused(address: "\(server.host):\(server.port)")))
  }
}
