/// Where a route's traffic and probes go.
package enum Upstream: Hashable, Sendable, CustomStringConvertible {
  case network(scheme: RouteScheme, host: String, port: UInt16)
  /// A folder of this machine (`fileserver`).
  case files(root: String)

  /// The URL form: `http://10.0.0.50:32400`, `file:///srv/www`.
  package var description: String {
    switch self {
    case .network(let scheme, let host, let port):
      "\(scheme.rawValue)://\(host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host):\(port)"
    case .files(let root): "file://\(root)"
    }
  }

  package var host: String? {
    if case .network(_, let host, _) = self { host } else { nil }
  }

  package var port: UInt16? {
    if case .network(_, _, let port) = self { port } else { nil }
  }
}

/// How an upstream's certificate is judged.
package enum UpstreamTrust: Hashable, Sendable {
  case systemRoots
  /// `ssl_trusted_certificate`.
  case caFile(String)
  /// `no_tls_verify`.
  case unverified
  /// A node's own API: the `tls` of its cluster in pvescout.yml.
  case cluster(ClusterName)
}
