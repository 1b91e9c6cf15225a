import COpenSSL
import PeerTrust

/// Compares a peer's leaf certificate with the pinned ones: once during the TLS handshake, so that nothing is sent to a
/// wrong peer, and again before each request, because a reused connection or a resumed TLS session has no handshake
/// with a certificate.
final class CertificatePinning {
  private let pins: [CertificateFingerprint]
  /// The peer's fingerprint after a mismatch; nil if it showed no certificate.
  private(set) var presented: CertificateFingerprint?
  private(set) var hasFailed = false

  init(pins: [CertificateFingerprint]) { self.pins = pins }

  /// The comparison itself; a missing certificate matches no pin.
  func accepts(_ fingerprint: CertificateFingerprint?) -> Bool {
    if let fingerprint, pins.contains(fingerprint) { return true }
    presented = fingerprint
    hasFailed = true
    return false
  }

  /// Replaces OpenSSL's chain verification in every handshake of this `SSL_CTX *`.
  ///
  /// libcurl makes one context per connection and keeps it as long as the connection, which may outlive the transfer:
  /// the context retains this object for its callback. Returns false if OpenSSL has no memory for it.
  func install(in context: OpaquePointer) -> Bool {
    let reference = Unmanaged.passRetained(self)
    guard SSL_CTX_set_ex_data(context, Self.contextSlot, reference.toOpaque()) == 1 else {
      reference.release()
      return false
    }
    SSL_CTX_set_cert_verify_callback(
      context,
      { store, argument in
        guard let store, let argument else { return 0 }
        let pinning = Unmanaged<CertificatePinning>.fromOpaque(argument).takeUnretainedValue()
        let leaf = X509_STORE_CTX_get0_cert(store).flatMap { CertificateFingerprint(certificate: $0) }
        let accepted = pinning.accepts(leaf)
        // libcurl reads this result afterwards.
        X509_STORE_CTX_set_error(store, accepted ? X509_V_OK : X509_V_ERR_APPLICATION_VERIFICATION)
        return accepted ? 1 : 0
      }, reference.toOpaque())
    return true
  }

  /// The slot in which an `SSL_CTX` keeps its reference, which is released with it.
  private static let contextSlot = CRYPTO_get_ex_new_index(
    CRYPTO_EX_INDEX_SSL_CTX, 0, nil, nil, nil,
    { _, reference, _, _, _, _ in
      if let reference { Unmanaged<CertificatePinning>.fromOpaque(reference).release() }
    })
}
