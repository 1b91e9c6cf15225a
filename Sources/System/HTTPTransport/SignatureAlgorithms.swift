import COpenSSL

/// The signature algorithms with which a server may prove in a TLS handshake that a certificate is its own (RFC 8446
/// §4.2.3).
package enum SignatureAlgorithms: Sendable {
  /// All that OpenSSL supports.
  case all
  /// Those that the proxy accepts from upstreams, so that a probe has the same result: its TLS library does not support
  /// RSA-PSS keys (`rsa_pss_pss_*`).
  case proxy

  /// The proxy's algorithms, by their codes and their names in OpenSSL, in order of preference.
  package static let ofProxy: [(code: UInt16, name: String)] = [
    (0x0403, "ecdsa_secp256r1_sha256"), (0x0804, "rsa_pss_rsae_sha256"), (0x0401, "rsa_pkcs1_sha256"),
    (0x0807, "ed25519"), (0x0503, "ecdsa_secp384r1_sha384"), (0x0805, "rsa_pss_rsae_sha384"),
    (0x0501, "rsa_pkcs1_sha384"), (0x0603, "ecdsa_secp521r1_sha512"), (0x0806, "rsa_pss_rsae_sha512"),
    (0x0601, "rsa_pkcs1_sha512"),
  ]

  /// Offers them in the handshakes of this `SSL_CTX *`. Returns false if OpenSSL does not know them, or has no memory.
  func install(in context: OpaquePointer) -> Bool {
    guard self == .proxy else { return true }
    var names = Array(Self.ofProxy.map(\.name).joined(separator: ":").utf8CString)
    return names.withUnsafeMutableBytes {
      SSL_CTX_ctrl(context, SSL_CTRL_SET_SIGALGS_LIST, 0, $0.baseAddress) == 1
    }
  }
}
