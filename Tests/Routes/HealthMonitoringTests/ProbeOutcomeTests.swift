import Foundation
import HTTPTransport
import Testing

@testable import HealthMonitoring

@Suite struct ProbeOutcomeTests {
  @Test(arguments: [
    (HTTPTransportError.nameNotResolved(host: "nas.test"), ProbeOutcome.unresolved),
    (.connectionRefused(address: "127.9.0.1:80"), .refused),
    (.cancelled, .abandoned),
    (.closed, .abandoned),
    (.shortage(reason: "too many open files"), .abandoned),
    (.certificateNotTrusted(.expired(notAfter: nil)), .failure(.certificate(reason: "not trusted: it has expired"))),
    (.certificateNotTrusted(.expired(notAfter: 1_700_000_000)), .failure(.certificate(reason: "expired 3 days ago"))),
    (
      .certificateNotTrusted(.expired(notAfter: 1_700_000_000 + 250_000)),
      .failure(.certificate(reason: "expired 2 hours ago"))
    ),
    (
      .certificateNotTrusted(.expired(notAfter: 1_700_000_000 + 259_199)),
      .failure(.certificate(reason: "expired 1 minute ago"))
    ),
    (.fingerprintMismatch(presented: nil), .failure(.certificate(reason: "is not the pinned one"))),
    (.invalidURL("x"), .impossible(reason: "no valid URL: x")),
  ])
  func distinguishesFailuresFromImpossibleChecks(error: HTTPTransportError, outcome: ProbeOutcome) {
    let now = Date(timeIntervalSince1970: 1_700_000_000 + 3 * 86400)
    #expect(ProbeOutcome(error, at: now) == outcome)
  }
}
