import COpenSSL
import FoundationEssentials

/// Why a certificate is not trusted.
package enum CertificateFault: Hashable, Sendable {
  /// It, or one of its issuers, expired at that time (seconds since 1970; nil if unknown).
  case expired(notAfter: Int?)
  case notYetValid
  case selfSigned
  case unknownIssuer
  /// It is for other names than the requested one.
  case otherName(String)
  /// A less common fault, with OpenSSL's text.
  case other(String)
}

extension CertificateFault: CustomStringConvertible {
  package var description: String {
    switch self {
    case .expired(let end?): "it expired on \(Self.day(end)); renew it there, and check this host's clock"
    case .expired(nil): "it has expired"
    case .notYetValid: "it is not valid yet; is this host's clock right?"
    case .selfSigned: "it is self-signed; pin its fingerprint, or name it as the CA file"
    case .unknownIssuer:
      "it is issued by a CA that is not among the trusted ones; pin its fingerprint, or name the CA's file"
    case .otherName(let name): "its names do not include '\(name)'"
    case .other(let reason): reason
    }
  }

  /// `2026-01-31`, in UTC.
  private static func day(_ time: Int) -> String {
    Date(timeIntervalSince1970: TimeInterval(time)).formatted(Date.ISO8601FormatStyle().year().month().day())
  }
}

extension CertificateFault {
  /// Translates an `X509_V_ERR_…` code of OpenSSL; nil for success and for codes without a case of their own.
  ///
  /// `notAfter` is the end of the expired certificate, in seconds since 1970.
  package init?(verification code: Int32, notAfter: Int?) {
    switch code {
    case X509_V_ERR_CERT_HAS_EXPIRED: self = .expired(notAfter: notAfter)
    case X509_V_ERR_CERT_NOT_YET_VALID: self = .notYetValid
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: self = .selfSigned
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
      X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      self = .unknownIssuer
    default: return nil
    }
  }
}
