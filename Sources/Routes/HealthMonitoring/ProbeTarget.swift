import LinuxSystem
import PeerTrust
import RouteModel

/// All parameters of a probe; a result is valid as long as they do not change.
struct ProbeTarget: Hashable, Sendable {
  /// The payload for a UDP service.
  struct Question: Hashable, Sendable {
    var payload: [UInt8]
    /// The bytes that the answer must contain; empty accepts any answer.
    var expected: [UInt8]

    @Sendable func accepts(_ answer: [UInt8]) -> Bool { answer.firstIndex(of: expected) != nil }
  }

  var upstream: Upstream
  var path = "/"
  var useGet = false
  var expectedStatus = ExpectedStatus.belowServerErrors
  var question: Question?
  var timeout: Duration = .seconds(5)
  var trust: TrustPolicy = .systemRoots
  /// The server name for the TLS handshake and verification, in place of the upstream's host.
  var tlsServerName: TLSServerName?
}

extension ProbeTarget {
  /// Nil if there is nothing to probe: no target, or the check is disabled.
  init?(_ route: MonitoredRoute) {
    guard let upstream = route.target, !route.check.isDisabled else { return nil }
    self.init(
      upstream: upstream, path: route.check.path, useGet: route.check.useGet,
      expectedStatus: route.check.expectedStatus,
      question: route.check.payload.map { Question(payload: $0, expected: route.check.expectedAnswer) },
      timeout: route.check.timeout, trust: route.trust, tlsServerName: route.tlsServerName)
  }
}
