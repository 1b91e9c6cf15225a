/// The destination of a route's traffic and probes.
package enum Upstream: Hashable, Sendable, CustomStringConvertible {
  case network(scheme: RouteScheme, host: String, port: UInt16)
  /// A folder of this machine (`fileserver`).
  case files(root: String)

  /// As a URL: `http://10.0.0.50:32400`, `file:///srv/www`.
  package var description: String {
    switch self {
    case .network(let scheme, let host, let port): Self.authority(host, port, behind: scheme.rawValue + "://")
    case .files(let root): "file://\(root)"
    }
  }

  package var host: String? {
    if case .network(_, let host, _) = self { host } else { nil }
  }

  package var port: UInt16? {
    if case .network(_, _, let port) = self { port } else { nil }
  }

  /// `host:port` as in a URL, with an IPv6 address in brackets (RFC 3986 §3.2).
  package var hostPort: String? {
    if case .network(_, let host, let port) = self { Self.authority(host, port) } else { nil }
  }

  private static func authority(_ host: String, _ port: UInt16, behind prefix: String = "") -> String {
    let isBracketed = host.utf8.contains(UInt8(ascii: ":"))
    // Made for every route of a change; interpolation would take several times as long.
    var text = prefix
    text.reserveCapacity(prefix.utf8.count + host.utf8.count + 8)
    if isBracketed { text += "[" }
    text += host
    text += isBracketed ? "]:" : ":"
    text += String(port)
    return text
  }
}
