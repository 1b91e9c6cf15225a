/// The versions of the PROXY protocol: 1 is text, 2 is binary.
package enum ProxyProtocolVersion: String, Sendable, CaseIterable { case v1, v2 }

/// What happens to the TLS of a TCP route's clients.
package enum StreamTLS: Sendable {
  /// Relayed like any other bytes.
  case untouched
  /// Terminated here; the upstream receives clear text.
  case terminated
  /// Relayed unchanged on the port shared with HTTPS routes, selected by the requested server name.
  case passthrough
}
