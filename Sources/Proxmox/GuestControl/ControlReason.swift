/// Why the agent started or stopped a guest.
package enum ControlReason: Hashable, Sendable, CustomStringConvertible {
  /// A route with `start: on_load`.
  case onLoad(route: String)
  /// A client of the proxy; `client` is its address, its request and its program.
  case request(route: String, client: String)
  /// The command line or the socket; `route` is nil if the guest itself was named.
  case command(String, route: String? = nil)
  case dependency(of: String)
  /// From before a restart of the agent.
  case earlier(String)
  /// No bytes were transferred for that time.
  case idle(Duration)

  package var description: String {
    switch self {
    case .onLoad(let route): "\(route): start: on_load"
    case .request(let route, let client): "\(route): \(client)"
    case .command(let caller, _): caller
    case .dependency(let route): "\(route) depends on it"
    case .earlier(let text): text
    case .idle(let time): "idle for \(time.spoken)"
    }
  }

  /// The route that wants the start; nil if it is for the guest as a whole.
  package var route: String? {
    switch self {
    case .onLoad(let route), .request(let route, _): route
    case .command(_, let route): route
    default: nil
    }
  }

  var isCommand: Bool { if case .command = self { true } else { false } }
}
