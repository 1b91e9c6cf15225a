/// The name that is requested in the TLS handshake (SNI, RFC 6066 §3) and that the peer's certificate must contain.
package enum TLSServerName: Hashable, Sendable {
  case named(String)
  /// No name is sent or verified.
  case off
}
