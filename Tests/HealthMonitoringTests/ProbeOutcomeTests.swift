import HTTPTransport
import Testing

@testable import HealthMonitoring

@Suite struct ProbeOutcomeTests {
  @Test(arguments: [
    (HTTPTransportError.nameNotResolved(host: "nas.test"), ProbeOutcome.unresolved),
    (.connectionRefused(address: "127.9.0.1:80"), .refused),
    (.cancelled, .abandoned),
    (.closed, .abandoned),
    (.certificateNotTrusted(reason: "it has expired"), .failure(.certificate(reason: "not trusted: it has expired"))),
    (.fingerprintMismatch(presented: nil), .failure(.certificate(reason: "is not the pinned one"))),
    (.invalidURL("x"), .impossible(reason: "no valid URL: x")),
  ])
  func tellsWhatFailedFromWhatCouldNotBeTried(error: HTTPTransportError, outcome: ProbeOutcome) {
    #expect(ProbeOutcome(error) == outcome)
  }
}
