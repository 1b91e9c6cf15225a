import COpenSSL
import Glibc
package import PeerTrust

/// The leaf certificate of a TLS server.
package struct PeerCertificate: Hashable, Sendable {
  package let fingerprint: CertificateFingerprint
  /// The certificate's `notBefore`, in seconds since 1970, UTC.
  package let notBefore: Int
  /// The certificate's `notAfter`, in seconds since 1970, UTC.
  package let notAfter: Int

  package init(fingerprint: CertificateFingerprint, notBefore: Int, notAfter: Int) {
    (self.fingerprint, self.notBefore, self.notAfter) = (fingerprint, notBefore, notAfter)
  }

  /// The leaf of a connection's peer; nil if there is none.
  init?(ssl: OpaquePointer) {
    guard let certificate = SSL_get1_peer_certificate(ssl) else { return nil }
    defer { X509_free(certificate) }
    guard let fingerprint = CertificateFingerprint(certificate: certificate),
      let notBefore = Self.seconds(X509_get0_notBefore(certificate)), let notAfter = Self.notAfter(of: certificate)
    else { return nil }
    self.init(fingerprint: fingerprint, notBefore: notBefore, notAfter: notAfter)
  }

  /// Of an `X509 *`, in seconds since 1970.
  package static func notAfter(of certificate: OpaquePointer) -> Int? { seconds(X509_get0_notAfter(certificate)) }

  private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int? {
    var parts = tm()
    return ASN1_TIME_to_tm(time, &parts) == 1 ? timegm(&parts) : nil
  }
}

extension CertificateFingerprint {
  /// Of an `X509 *`.
  package init?(certificate: OpaquePointer) {
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var length: UInt32 = 0
    guard X509_digest(certificate, EVP_sha256(), &digest, &length) == 1 else { return nil }
    self.init(bytes: Array(digest[..<Int(length)]))
  }
}
