/// The TLS peers to trust. A connection is never used with another policy.
package enum TrustPolicy: Hashable, Sendable {
  case systemRoots
  /// A PEM file with the trusted CAs.
  case caFile(String)
  /// Any of these leaf certificates, regardless of their names and dates.
  case fingerprints([CertificateFingerprint])
  case insecure

  /// Adds a certificate to a policy that pins certificates; other policies are unchanged.
  package func trusting(_ fingerprint: CertificateFingerprint?) -> TrustPolicy {
    guard case .fingerprints(let pins) = self, let fingerprint, !pins.contains(fingerprint) else { return self }
    return .fingerprints(pins + [fingerprint])
  }
}
