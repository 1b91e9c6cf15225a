import JSONDocument
import PrintableText
import RouteModel

/// The texts of a failure response.
///
/// Everyone with access to the proxy can read it: it names the route and its guest, but no address, path or secret.
struct FailureReport: Sendable {
  /// The step between client and service at which the request failed.
  enum Place: Hashable, Sendable { case client, proxy, service }

  var status: UInt16
  /// Error code for programs, such as `route_not_found`.
  var code: String
  var place: Place
  var title: String
  /// What happened and why, in one sentence.
  var message: String
  /// What to do.
  var hint: String
  /// A shell command for the hint.
  var command: String?
  /// Seconds for `Retry-After`.
  var retryAfter: Int?
  /// Additional header fields: `Allow`, `Content-Range`.
  var fields: [(name: String, value: String)] = []
  /// Route, guest and node, for the HTML page.
  var facts: [(name: String, value: String)] = []

  init(_ code: String, _ status: UInt16, _ place: Place, _ title: String, _ message: String, hint: String) {
    (self.code, self.status, self.place, self.title) = (code, status, place, title)
    (self.message, self.hint) = (message, hint)
  }

  /// - Parameter route: the route of the request; nil if there is none.
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

extension FailureReport {
  func body(_ format: FailureFormat) -> String {
    switch format {
    case .html: FailurePage(self).text
    case .json: json
    case .text: plainText
    }
  }

  private var plainText: String {
    let lines = ["\(status) \(title)", "", message, hint] + (command.map { ["", "    \($0)"] } ?? [])
    return lines.map { PrintableText.line($0) + "\n" }.joined()
  }

  /// The same JSON as for errors on the control socket.
  private var json: String {
    let whole = command.map { "\(hint) \($0)" } ?? hint
    let answer = ["error": ["code": code, "message": message, "hint": whole]]
    return String(decoding: answer.json, as: UTF8.self) + "\n"
  }
}
