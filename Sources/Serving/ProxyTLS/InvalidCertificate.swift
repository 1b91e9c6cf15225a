/// Why a certificate and its key cannot be served.
package struct InvalidCertificate: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Part: Hashable, Sendable { case certificate, key }

  /// The file at fault.
  package var part: Part
  /// One line with the path and the remedy, without the file's content.
  package var description: String

  static func unreadable(_ part: Part, _ path: String, _ reason: String) -> InvalidCertificate {
    let wanted = part == .certificate ? "the certificate and its chain" : "the certificate's private key"
    return InvalidCertificate(
      part: part, description: "cannot read '\(path)' (\(reason)): wanted \(wanted), a PEM file for the agent's user")
  }

  static func noCertificate(_ path: String) -> InvalidCertificate {
    InvalidCertificate(
      part: .certificate,
      description: "'\(path)' holds no PEM certificate: wanted the server's own, then the chain to its CA")
  }

  static func noKey(_ path: String) -> InvalidCertificate {
    InvalidCertificate(part: .key, description: "'\(path)' holds no PEM private key of a kind that is known")
  }

  static func encryptedKey(_ path: String) -> InvalidCertificate {
    InvalidCertificate(
      part: .key,
      description: "the key in '\(path)' needs a passphrase, which the agent cannot ask for: "
        + "take it away with 'openssl pkey -in ENCRYPTED -out PLAIN'")
  }

  static func mismatch(_ files: CertificateFiles) -> InvalidCertificate {
    InvalidCertificate(
      part: .key,
      description: "'\(files.key)' is not the key of the first certificate in '\(files.certificate)'")
  }

  static func unusable(_ path: String, _ reason: String) -> InvalidCertificate {
    InvalidCertificate(part: .certificate, description: "the certificate in '\(path)' cannot be served: \(reason)")
  }
}
