import HTTPTransport
import PeerTrust
import ProxmoxAPI

/// Judges an endpoint: whether it answers, is PVE, and has a valid certificate.
struct EndpointCheck {
  static let topic = "endpoint"
  /// PVE renews its own certificates two weeks before they expire (PVE: `pveupdate`), which changes their fingerprints.
  private static let renewalTime = 14 * 86_400
  private static let pinNoticeTime = 30 * 86_400

  let observation: EndpointObservation
  let trust: TrustPolicy
  private let remedies: TrustRemedies

  init(_ observation: EndpointObservation, trust: TrustPolicy) {
    (self.observation, self.trust) = (observation, trust)
    remedies = TrustRemedies(endpoint: observation.endpoint)
  }

  var check: Finding {
    switch observation.outcome {
    case .success(let greeting): answering(greeting)
    case .failure(.fingerprintMismatch(let presented)): mismatch(presented)
    case .failure(.transport(let error)):
      switch error {
      case .certificateNotTrusted(let fault): untrusted(fault)
      default: EndpointFailure(endpoint: observation.endpoint, error: error).check
      }
    case .failure(let error): stranger(error)
    }
  }

  private func answering(_ greeting: ServerGreeting) -> Finding {
    let answers = "\(observation.endpoint) answers in \(Wording.milliseconds(greeting.duration))"
    guard let certificate = greeting.certificate else { return .ok(Self.topic, answers) }
    if trust == .insecure { return unverified(answers, certificate) }
    let left = certificate.notAfter - observation.now
    let found = "\(answers); its certificate is \(trusted), and valid until \(Wording.day(certificate.notAfter))"
    guard left < (isPinned ? Self.pinNoticeTime : Self.renewalTime) else { return .ok(Self.topic, found) }
    guard isPinned else {
      return Finding(
        Self.topic, .warning, found, wanted: "a certificate that PVE has renewed two weeks before its end",
        remedies: [remedies.renewal])
    }
    return Finding(
      Self.topic, .warning, "\(found); once it is renewed, the pin will not fit any more",
      wanted: "a pin that outlives the certificate, or the CA's file, which does", remedies: [remedies.authority])
  }

  private var isPinned: Bool {
    if case .fingerprints = trust { true } else { false }
  }

  private var trusted: String {
    switch trust {
    case .fingerprints: "the pinned one"
    case .caFile(let path): "issued by the CA in \(path)"
    case .systemRoots: "trusted by this system's CAs"
    case .insecure: "not verified"
    }
  }

  private func unverified(_ answers: String, _ certificate: PeerCertificate) -> Finding {
    Finding(
      Self.topic, .warning,
      "\(answers), but tls.insecure is set: whoever is between agent and node can read the token. It presented the "
        + "fingerprint \(certificate.fingerprint)",
      wanted: "a pinned certificate, or the file of its CA", remedies: [remedies.comparison, remedies.authority])
  }

  private func mismatch(_ presented: CertificateFingerprint?) -> Finding {
    let shown = presented.map { "presented a certificate with the fingerprint \($0)" } ?? "presented no certificate"
    return Finding(
      Self.topic, .problem, "\(observation.endpoint) \(shown), which is not pinned; nothing was sent to it",
      wanted: "the certificate in tls.fingerprint\(pins)", remedies: [remedies.comparison])
  }

  private var pins: String {
    guard case .fingerprints(let pins) = trust else { return "" }
    return ": " + pins.map(\.description).joined(separator: " or ")
  }

  private func untrusted(_ fault: CertificateFault) -> Finding {
    var found = "\(observation.endpoint): the certificate is not trusted: \(plain(fault))"
    if let certificate = observation.untrusted?.certificate {
      found +=
        ". It presented the fingerprint \(certificate.fingerprint), valid from "
        + "\(Wording.day(certificate.notBefore)) to \(Wording.day(certificate.notAfter))"
    }
    return Finding(Self.topic, .problem, found, wanted: wanted, remedies: mending(fault))
  }

  /// The transport's text may contain short advice, which the remedies give in full.
  private func plain(_ fault: CertificateFault) -> String {
    switch fault {
    case .notYetValid: "it is not valid yet by this machine's clock (\(Wording.time(observation.now)))"
    case .selfSigned: "it is self-signed"
    case .unknownIssuer: "it is issued by a CA that is not among the trusted ones"
    case .expired: "it has expired"
    case .otherName, .other: fault.description
    }
  }

  private var wanted: String {
    switch trust {
    case .caFile(let path): "a certificate issued by the CA in \(path), for the host that the endpoint names"
    default: "a certificate of one of this system's CAs, as the entry has no tls settings"
    }
  }

  private func mending(_ fault: CertificateFault) -> [Remedy] {
    switch fault {
    case .expired: [remedies.renewal]
    case .notYetValid: [ClockRemedies.thisMachine]
    case .otherName: [remedies.names, remedies.newNames]
    case .selfSigned, .unknownIssuer, .other: [remedies.authority(replacing: trust), remedies.comparison]
    }
  }

  private func stranger(_ error: ProxmoxError) -> Finding {
    Finding(
      Self.topic, .problem, "\(observation.endpoint): \(error)",
      wanted: "PVE's API",
      remedies: [
        EndpointFailure.remedy(for: error, observation.endpoint) ?? EndpointFailure.serviceRemedy(observation.endpoint)
      ])
  }
}
