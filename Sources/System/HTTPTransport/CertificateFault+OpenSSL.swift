import COpenSSL

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
