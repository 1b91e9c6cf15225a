import HTTPTransport
import RouteModel

/// All that one probe needs to know, and all that decides whether its result is still of use.
struct ProbeTarget: Hashable, Sendable {
  /// What a UDP service is asked.
  struct Question: Hashable, Sendable {
    var payload: [UInt8]
    /// What its answer must hold; empty takes any.
    var expected: [UInt8]

    @Sendable func accepts(_ answer: [UInt8]) -> Bool {
      expected.isEmpty || answer.indices.contains { answer[$0...].starts(with: expected) }
    }
  }

  var upstream: Upstream
  var path = "/"
  var useGet = false
  var expectedStatus = ExpectedStatus.belowServerErrors
  var question: Question?
  var timeout: Duration = .seconds(5)
  var trust: TrustPolicy = .systemRoots
  /// Asked for in the TLS handshake and verified in place of the upstream's host.
  var tlsServerName: TLSServerName?
}

extension ProbeTarget {
  /// Nil where there is nothing to probe: no target, or the check is disabled.
  init?(_ route: MonitoredRoute, clusterTrust: [ClusterName: TrustPolicy]) {
    guard let upstream = route.target, !route.check.isDisabled else { return nil }
    self.init(
      upstream: upstream, path: route.check.path, useGet: route.check.useGet,
      expectedStatus: route.check.expectedStatus,
      question: route.check.payload.map { Question(payload: $0, expected: route.check.expectedAnswer) },
      timeout: route.check.timeout, trust: Self.policy(route.trust, clusterTrust), tlsServerName: route.tlsServerName)
  }

  /// A cluster without a `tls` of its own is verified like anybody.
  private static func policy(_ trust: UpstreamTrust, _ clusterTrust: [ClusterName: TrustPolicy]) -> TrustPolicy {
    switch trust {
    case .systemRoots: .systemRoots
    case .caFile(let file): .caFile(file)
    case .pinned(let pins): .fingerprints(pins.compactMap { CertificateFingerprint("\($0)") })
    case .unverified: .insecure
    case .cluster(let name, let pin):
      clusterTrust[name]?.trusting(pin.flatMap { CertificateFingerprint("\($0)") }) ?? .systemRoots
    }
  }
}
