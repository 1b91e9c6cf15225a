/// What a certificate lacks to be trusted: the reasons of ``HTTPTransportError/certificateNotTrusted(reason:)`` that a
/// caller can do something about.
package enum CertificateFault: CaseIterable, Sendable {
  case expired
  case notYetValid
  case selfSigned
  case unknownIssuer
  case otherName

  /// How the error's reason begins.
  var reason: String {
    switch self {
    case .expired: "it has expired"
    case .notYetValid: "it is not valid yet; is this host's clock right?"
    case .selfSigned: "it is self-signed; pin its fingerprint, or name it as the CA file"
    case .unknownIssuer:
      "it is issued by a CA that is not among the trusted ones; pin its fingerprint, or name the CA's file"
    case .otherName: "its names do not include"
    }
  }
}

extension HTTPTransportError {
  /// Nil for any other error, and for a certificate that is wrong in a rarer way.
  package var certificateFault: CertificateFault? {
    guard case .certificateNotTrusted(let reason) = self else { return nil }
    return CertificateFault.allCases.first { reason.hasPrefix($0.reason) }
  }
}
