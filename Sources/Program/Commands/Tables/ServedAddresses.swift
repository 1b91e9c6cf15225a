import ControlAPI

/// Where the agent's own proxy serves the routes.
struct ServedAddresses: Sendable {
  /// `https://`, or `http://` if nothing else is served, and the port unless it is the usual one.
  private let web: (scheme: String, port: String)?
  private let domain: String?

  init(_ info: APIInfo) {
    web =
      ["https", "http"].lazy.compactMap { scheme in
        info.proxy[scheme].flatMap { $0.split(separator: ":").last }.map { (scheme, Self.port(String($0), of: scheme)) }
      }.first
    domain = info.domains.first
  }

  /// Nil if the route is not served.
  func url(of route: RouteJSON) -> String? {
    if let listen = route.listen { return "\(route.scheme == "udp" ? "udp" : "tcp")://\(listen)" }
    guard let web, route.pool == "http", route.target != nil, route.restricted == nil else { return nil }
    // A short alias is the first label of a host below any of the domains.
    let host = route.alias.contains(".") ? route.alias : [route.alias, domain].compactMap { $0 }.joined(separator: ".")
    return "\(web.scheme)://\(host)\(web.port)"
  }

  private static func port(_ port: String, of scheme: String) -> String {
    port == (scheme == "https" ? "443" : "80") ? "" : ":\(port)"
  }
}
