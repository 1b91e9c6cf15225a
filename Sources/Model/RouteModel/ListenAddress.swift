/// An address on which the agent accepts connections or datagrams.
package struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
  package var host: IPAddress
  package var port: UInt16
  package var isDatagram: Bool

  package init(_ host: IPAddress, port: UInt16, isDatagram: Bool = false) {
    (self.host, self.port, self.isDatagram) = (host, port, isDatagram)
  }

  /// `tcp 127.0.0.1:2222`, `udp [::1]:53`
  package var description: String {
    "\(isDatagram ? "udp" : "tcp") \(host.family == .ipv6 ? "[\(host)]" : "\(host)"):\(port)"
  }

  /// Whether two sockets cannot use both. Port 0 means any free port, which never conflicts.
  package func overlaps(_ other: ListenAddress) -> Bool {
    guard port == other.port, port != 0, isDatagram == other.isDatagram else { return false }
    return host == other.host || host.covers(other.host) || other.host.covers(host)
  }
}

extension IPAddress {
  /// A socket bound to `::` also receives IPv4, unless the machine is configured otherwise (ipv6(7), `IPV6_V6ONLY`).
  fileprivate func covers(_ other: IPAddress) -> Bool { isUnspecified && (family == .ipv6 || other.family == .ipv4) }
}

/// Whether a stream route is really listening.
package enum ListenerState: Hashable, Sendable {
  /// `ADDRESS:PORT`, with the real port if 0 was requested.
  case listening(String)
  /// Listening failed for this reason, and is retried.
  case failed(String)

  package var address: String? {
    if case .listening(let address) = self { address } else { nil }
  }

  package var failure: String? {
    if case .failed(let reason) = self { reason } else { nil }
  }
}
