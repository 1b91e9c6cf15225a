import COpenSSL

/// Observes OpenSSL's verification of a peer's chain to learn when an expired certificate ended. It does not affect the
/// result.
final class CertificateVerification {
  /// In seconds since 1970; nil unless a certificate of the chain has expired.
  private(set) var expiredAt: Int?

  /// Observes every handshake of this `SSL_CTX *`, which may outlive the transfer and therefore retains this object.
  /// Returns false if OpenSSL has no memory for it.
  func install(in context: OpaquePointer) -> Bool {
    let reference = Unmanaged.passRetained(self)
    guard SSL_CTX_set_ex_data(context, Self.contextSlot, reference.toOpaque()) == 1 else {
      reference.release()
      return false
    }
    SSL_CTX_set_verify(context, SSL_CTX_get_verify_mode(context)) { isAccepted, store in
      if isAccepted == 0, let store { CertificateVerification.of(store)?.refused(store) }
      return isAccepted
    }
    return true
  }

  private func refused(_ store: OpaquePointer) {
    guard X509_STORE_CTX_get_error(store) == X509_V_ERR_CERT_HAS_EXPIRED,
      let certificate = X509_STORE_CTX_get_current_cert(store)
    else { return }
    expiredAt = PeerCertificate.notAfter(of: certificate)
  }

  private static func of(_ store: OpaquePointer) -> CertificateVerification? {
    guard let ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()),
      let context = SSL_get_SSL_CTX(OpaquePointer(ssl)), let reference = SSL_CTX_get_ex_data(context, contextSlot)
    else { return nil }
    return Unmanaged<CertificateVerification>.fromOpaque(reference).takeUnretainedValue()
  }

  /// The slot in which an `SSL_CTX` keeps its reference, which is released with it.
  private static let contextSlot = CRYPTO_get_ex_new_index(
    CRYPTO_EX_INDEX_SSL_CTX, 0, nil, nil, nil,
    { _, reference, _, _, _, _ in
      if let reference { Unmanaged<CertificateVerification>.fromOpaque(reference).release() }
    })
}
