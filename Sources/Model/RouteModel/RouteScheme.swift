/// What a route speaks to its upstream.
package enum RouteScheme: String, Sendable, CaseIterable {
  case http, https, h2c, tcp, udp, fileserver

  /// Streams listen on a port of their own; the others are found by the Host of a request.
  package var isStream: Bool { self == .tcp || self == .udp }

  /// The port that a route of this scheme has when it names none, as GoDoxy has it; nil for a file server.
  package var defaultPort: UInt16? {
    switch self {
    case .http, .h2c, .tcp, .udp: 80
    case .https: 443
    case .fileserver: nil
    }
  }
}
