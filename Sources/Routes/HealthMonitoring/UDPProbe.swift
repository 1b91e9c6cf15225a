import HTTPTransport
import RouteModel

/// Sends a payload and waits for the expected answer.
///
/// UDP has no handshake: without a payload, a healthy service is as silent as a dead one.
struct UDPProbe: Sendable {
  let client: HTTPClient

  func probe(host: String, port: UInt16, question: ProbeTarget.Question?, timeout: Duration) async -> ProbeResult {
    guard let question else {
      return ProbeResult(outcome: .notCheckable(reason: "UDP cannot be checked without a payload"))
    }
    do throws(HTTPTransportError) {
      let answer = try await client.exchange(
        question.payload, with: host, port: port, timeout: timeout, accepts: question.accepts)
      let phases = ProbePhases(nameLookup: answer.nameLookup, firstByte: answer.latency)
      return ProbeResult(
        outcome: .success(latency: answer.latency, detail: "answered \(answer.bytes.count) bytes"), phases: phases)
    } catch {
      return ProbeResult(outcome: ProbeOutcome(error))
    }
  }
}
