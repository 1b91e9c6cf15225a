/// The versions of the PROXY protocol: a line of text, or bytes.
package enum ProxyProtocolVersion: String, Sendable, CaseIterable { case v1, v2 }

/// What becomes of the TLS that the clients of a TCP route speak.
package enum StreamTLS: Sendable {
  /// Bytes like any other.
  case untouched
  /// It ends here, and the upstream gets clear text.
  case terminated
  /// As it came, found by the server name that the client asks for on the port that HTTPS routes share.
  case passthrough
}
