import RouteModel
import RouteValidation

/// Assigns listen addresses: first to the listeners of `proxy`, then to the stream routes in order.
struct ListenClaims {
  enum Verdict: Equatable {
    /// The route gets its address, or does not listen on its own port.
    case granted
    /// The route's TLS is passed through on the port of `proxy.https`, selected by its server name.
    case shared(ListenAddress)
    case refused(RouteConflict)
  }

  private let settings: ListenSettings
  private var claims: [(address: ListenAddress, holder: RouteDeclaration)] = []

  init(_ settings: ListenSettings) { self.settings = settings }

  mutating func claim(_ declaration: RouteDeclaration) -> Verdict {
    let route = FinalizedRoute(declaration)
    guard route.pool == .stream,
      let wanted = settings.address(of: declaration, isDatagram: route.scheme == .udp)
    else { return .granted }
    if let https = settings.https, https.overlaps(wanted), declaration.streamTLS != .terminated {
      return .shared(https)
    }
    for (key, address) in [("proxy.http", settings.http), ("proxy.https", settings.https)] {
      guard let address, address.overlaps(wanted) else { continue }
      return .refused(wanted, "\(key) listens on \(address): give the route another port")
    }
    if let (_, holder) = claims.first(where: { $0.address.overlaps(wanted) }) {
      return .refused(
        wanted,
        "route '\(holder.alias)' of \(holder.provider) listens there (\(holder.location)): give one of them another port"
      )
    }
    claims.append((wanted, declaration))
    return .granted
  }
}

extension ListenClaims.Verdict {
  fileprivate static func refused(_ wanted: ListenAddress, _ why: String) -> Self {
    .refused(RouteConflict(.portTaken, "it cannot listen on \(wanted): \(why)"))
  }
}
