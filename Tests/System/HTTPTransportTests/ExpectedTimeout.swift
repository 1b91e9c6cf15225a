import HTTPTransport
import Testing

/// Expects an attempt to end at its deadline, in this phase. It is repeated while it ends in an earlier phase: a busy
/// machine may not reach the phase in time, but not five times in a row.
func expectTimeout(
  in phase: String, after limit: Duration, sourceLocation: SourceLocation = #_sourceLocation,
  of attempt: () async throws -> Void
) async {
  let earlier = [
    "connecting", "TLS handshake", "waiting for an answer", "reading the answer", "waiting for the expected answer",
  ].prefix { $0 != phase }
  var error: HTTPTransportError?
  for _ in 1...5 {
    do {
      try await attempt()
      Issue.record("it did not time out", sourceLocation: sourceLocation)
      return
    } catch let failure as HTTPTransportError {
      error = failure
    } catch {
      Issue.record(error, sourceLocation: sourceLocation)
      return
    }
    guard case .timedOut(let reached, _) = error, earlier.contains(reached) else { break }
  }
  #expect(error == .timedOut(phase: phase, after: limit), sourceLocation: sourceLocation)
}
