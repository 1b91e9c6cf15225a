import HTTPTransport

/// Connects and closes the connection: a server listens.
struct TCPProbe: Sendable {
  let client: HTTPClient

  func probe(host: String, port: UInt16, timeout: Duration) async -> ProbeResult {
    do throws(HTTPTransportError) {
      let timings = try await client.connect(host: host, port: port, timeout: timeout)
      return ProbeResult(
        outcome: .success(latency: timings.connect, detail: "connected"), phases: .init(timings))
    } catch {
      return ProbeResult(outcome: ProbeOutcome(error))
    }
  }
}
