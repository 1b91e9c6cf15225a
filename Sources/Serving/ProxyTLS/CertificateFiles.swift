/// A certificate chain and its private key, as PEM files.
package struct CertificateFiles: Hashable, Sendable {
  package var certificate: String
  package var key: String

  package init(certificate: String, key: String) { (self.certificate, self.key) = (certificate, key) }
}
