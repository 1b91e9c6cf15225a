import RouteModel

/// What a client is told of a failure, in words.
///
/// Anybody who reaches the proxy may read it: it names the route and its guest, and no address, path or secret.
struct FailureReport: Sendable {
  /// Where on the way from the client to the service the request came to its end.
  enum Place: Hashable, Sendable { case client, proxy, service }

  var status: UInt16
  /// A word for programs.
  var code: String
  var place: Place
  var title: String
  /// One sentence: what happened, and why.
  var message: String
  /// What to do.
  var hint: String
  /// What to type for that.
  var command: String?
  /// In how many seconds it is worth while to ask again.
  var retryAfter: Int?
  /// `Allow`, `Content-Range`
  var fields: [(name: String, value: String)] = []
  /// What is known of the way: name and value.
  var facts: [(name: String, value: String)] = []

  init(_ code: String, _ status: UInt16, _ place: Place, _ title: String, _ message: String, hint: String) {
    (self.code, self.status, self.place, self.title) = (code, status, place, title)
    (self.message, self.hint) = (message, hint)
  }

  /// - Parameter route: the one that was to serve the request; nil where none was found.
  init(_ failure: ProxyFailure, route: Route?) {
    let link = route.flatMap { LinkDescription($0.link) }
    switch failure {
    case .noRoute(let host): self = .noRoute(host)
    case .misdirected(let host): self = .misdirected(host)
    case .noTarget(let reason): self = .noTarget(reason, route)
    case .restricted(let reason): self = .restricted(reason, route)
    case .notAllowed(let allowed): self = .notAllowed(allowed, route)
    case .badRequest(let fault): self = .badRequest(fault, failure.status)
    case .notTLS: self = .notTLS
    case .clientTooSlow: self = .clientTooSlow
    case .unreachable(let how):
      self = link.flatMap(FailureReport.init(down:)) ?? .unreachable(how, route, link, failure.status)
    case .untrusted(let reason): self = .untrusted(reason, route)
    case .overloaded: self = .overloaded
    case .upstreamBusy(let limit): self = .upstreamBusy(limit, route)
    case .loop: self = .loop(route)
    case .noUpgrade: self = .noUpgrade(route)
    case .timedOut: self = .timedOut(route, link)
    case .connectionLost: self = .connectionLost(route, link)
    case .badResponse(let reason): self = .badResponse(reason, route)
    case .responseTooLarge(let fault): self = .responseTooLarge(fault, route)
    case .file(let refusal): self = .file(refusal, route)
    case .asleep(let reason): self = .asleep(reason, route, link)
    case .notWoken(let status): self = .notWoken(status, route, link)
    }
    if let route { facts.append(("Route", route.alias.text)) }
    if let guest = link?.guest { facts.append(("Guest", guest)) }
    if let node = link?.node { facts.append(("Node", node)) }
    facts.append(("Answer", "\(self.status) \(code)"))
  }
}
