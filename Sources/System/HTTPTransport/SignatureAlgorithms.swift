import COpenSSL

/// With which kinds of keys a server may prove in a TLS handshake that a certificate is its own (RFC 8446 §4.2.3).
package enum SignatureAlgorithms: Sendable {
  /// All that OpenSSL takes.
  case all
  /// What the proxy takes from upstreams, so that whoever asks in its stead finds the same: keys of the kind RSA-PSS
  /// (`rsa_pss_pss_*`) are unknown to its TLS library.
  case proxy

  /// Those of the proxy, by their codes and their names in OpenSSL, the preferred ones first.
  package static let ofProxy: [(code: UInt16, name: String)] = [
    (0x0403, "ecdsa_secp256r1_sha256"), (0x0804, "rsa_pss_rsae_sha256"), (0x0401, "rsa_pkcs1_sha256"),
    (0x0807, "ed25519"), (0x0503, "ecdsa_secp384r1_sha384"), (0x0805, "rsa_pss_rsae_sha384"),
    (0x0501, "rsa_pkcs1_sha384"), (0x0603, "ecdsa_secp521r1_sha512"), (0x0806, "rsa_pss_rsae_sha512"),
    (0x0601, "rsa_pkcs1_sha512"),
  ]

  /// Offers them in the handshakes of this `SSL_CTX *`. False if OpenSSL does not know them, or has no memory.
  func install(in context: OpaquePointer) -> Bool {
    guard self == .proxy else { return true }
    var names = Array(Self.ofProxy.map(\.name).joined(separator: ":").utf8CString)
    return names.withUnsafeMutableBytes {
      SSL_CTX_ctrl(context, SSL_CTRL_SET_SIGALGS_LIST, 0, $0.baseAddress) == 1
    }
  }
}
