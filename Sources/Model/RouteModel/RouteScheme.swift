/// The protocol between a route and its upstream.
package enum RouteScheme: String, Sendable, CaseIterable {
  case http, https, h2c, tcp, udp, fileserver

  /// Streams listen on their own ports; other routes are selected by the Host of a request.
  package var isStream: Bool { self == .tcp || self == .udp }

  /// The default port of this scheme, as in GoDoxy; nil for a file server.
  package var defaultPort: UInt16? {
    switch self {
    case .http, .h2c, .tcp, .udp: 80
    case .https: 443
    case .fileserver: nil
    }
  }
}
