import HTTPMessages
import RouteModel

// Failures of the service or of the connection to it.
extension FailureReport {
  /// The failure of a guest that is not running; nil if PVE does not report it as down.
  init?(down link: LinkDescription) {
    guard let state = link.downState, let guest = link.guest else { return nil }
    self.init(
      "guest_\(state == "stopped" ? "stopped" : "not_running")", 503, .service, "\(guest) is \(state)",
      "The service does not answer, as \(link.subject) is \(state).",
      hint: link.startCommand == nil
        ? "Check its state on node \(link.node)." : "Start it. On node \(link.node), as root:")
    command = link.startCommand
    retryAfter = 15
  }

  static func noTarget(_ reason: String, _ route: Route?) -> FailureReport {
    let (why, hint) = route.flatMap(openLink) ?? (reason, "Give the route a host and a port.")
    var report = FailureReport(
      "no_target", 503, .proxy, "\(name(route)) has no target yet", "The route has no target: \(why).",
      hint: hint + " On the agent's machine, show the steps with:")
    report.command = explain(route)
    report.retryAfter = 15
    return report
  }

  static func restricted(_ reason: String, _ route: Route?) -> FailureReport {
    FailureReport(
      "access_restricted", 403, .proxy, "\(name(route)) is not served", "In the route's file, \(reason).",
      hint: "Remove it there, or serve the route to everybody with 'ignore_access_control: true'.")
  }

  static func notAllowed(_ allowed: ClientAllowance, _ route: Route?) -> FailureReport {
    FailureReport(
      "client_not_allowed", allowed.status, .proxy, "\(name(route)) is not for this client",
      allowed.message ?? "The route serves other networks only.",
      hint: "Ask from a network that 'cidr_whitelist' of the route names, or add this one to it.")
  }

  /// Why the route has no target. The text of the lookup itself is not used, because it may contain addresses.
  private static func openLink(_ route: Route) -> (why: String, hint: String)? {
    switch route.link {
    case .linked(let resource):
      let hint = "A guest that has just been started gets its address within a minute."
      return ("no address of \(LinkDescription(resource).subject) is known", hint)
    case .ambiguous(let candidates, _):
      let names = candidates.map { LinkDescription($0).subject }.joined(separator: ", ")
      return ("it fits several: \(names)", "Say in the route's 'proxmox:' which one is meant.")
    case .unlinked(let reason) where reason.code == .inventoryPending:
      return ("not every cluster has been read yet", "Wait a moment, and try again.")
    case .unlinked(let reason) where reason.code == .noMatch:
      return (
        "it states no host, and no node and no guest has its name",
        "Give the route the name of its guest, or a host."
      )
    case .unlinked(let reason) where reason.code == .lost:
      return ("what it was linked to is gone", "See that the guest exists, and that the route still has its name.")
    case .unlinked(let reason) where reason.code == .notFound:
      return ("no node and no guest fits it", "See that the guest exists, and that the route names it.")
    case .unlinked: return nil
    }
  }

  static func unreachable(
    _ how: ProxyFailure.Unreachable, _ route: Route?, _ link: LinkDescription?, _ status: UInt16
  ) -> FailureReport {
    let place = link?.subject ?? "its host"
    let port = route?.target?.port.map { " on port \($0)" } ?? ""
    var (code, message, hint) = ("upstream_refused", "", "")
    switch how {
    case .refused:
      message = "The connection was refused: nothing listens\(port) at \(place)."
      hint = "See that the service runs there, and that the port is the right one."
    case .timedOut:
      code = "upstream_connect_timeout"
      message = "The connection was not accepted in time\(port) at \(place)."
      hint = "See that it runs, and that no firewall is in between."
    case .noSuchName:
      code = "upstream_unresolved"
      message = "The name of the route's host has no address."
      hint = "Check its spelling, and the DNS of the agent's machine."
    case .noNetworkPath:
      code = "upstream_unreachable"
      message = "The network of \(place) cannot be reached from here."
      hint = "Look at the network between this machine and that one."
    }
    var report = FailureReport(code, status, .service, "\(name(route)) does not answer", message, hint: hint)
    report.suggestExplain(route)
    return report
  }

  static func untrusted(_ reason: String, _ route: Route?) -> FailureReport {
    var report = FailureReport(
      "upstream_untrusted", 502, .service, "\(name(route)) cannot be trusted",
      "The connection to the service was given up: \(reason).",
      hint: "If its certificate is meant to be its own, name it in ssl_trusted_certificate, pin it with "
        + "ssl_fingerprint, or accept any with no_tls_verify.")
    report.suggestExplain(route)
    return report
  }

  static var overloaded: FailureReport {
    var report = FailureReport(
      "overloaded", 503, .proxy, "Too many connections", "The proxy has no room for the request at the moment.",
      hint: "Try again in a few seconds; if it lasts, raise the agent's limits of open files and threads.")
    report.retryAfter = 5
    return report
  }

  static func upstreamBusy(_ limit: Int, _ route: Route?) -> FailureReport {
    let all = limit == 1 ? "The one connection" : "All \(limit) connections"
    var report = FailureReport(
      "upstream_busy", 503, .service, "\(name(route)) is busy",
      "\(all) that the service may have (max_conns_per_host) stayed in use for too long.",
      hint: "Try again in a few seconds; if the service can take more clients at once, raise max_conns_per_host.")
    report.retryAfter = 5
    return report
  }

  static func loop(_ route: Route?) -> FailureReport {
    var report = FailureReport(
      "loop", 508, .proxy, "\(name(route)) leads back here",
      "The request went through this proxy before: the route's host and port are the proxy's own, or lead to it.",
      hint: "Give the route the address of the service itself.")
    report.suggestExplain(route)
    return report
  }

  static func noUpgrade(_ route: Route?) -> FailureReport {
    FailureReport(
      "upgrade_not_supported", 501, .proxy, "\(name(route)) takes no WebSockets",
      "The route's service is asked over HTTP/2 (scheme h2c), where the proxy opens no WebSockets and switches to no other "
        + "protocol.",
      hint: "If the service speaks HTTP/1.1 too, give the route the scheme http.")
  }

  static func timedOut(_ route: Route?, _ link: LinkDescription?) -> FailureReport {
    if case .files = route?.target { return folderTimedOut(route) }
    var report = FailureReport(
      "upstream_timeout", 504, .service, "\(name(route)) takes too long",
      "The service at \(link?.subject ?? "its host") took the request and did not answer in time.",
      hint: "If it needs longer, give the route a response_header_timeout.")
    report.suggestExplain(route)
    return report
  }

  static func connectionLost(_ route: Route?, _ link: LinkDescription?) -> FailureReport {
    var report = FailureReport(
      "upstream_lost", 502, .service, "\(name(route)) closed the connection",
      "The service at \(link?.subject ?? "its host") closed the connection before it answered.",
      hint: "Its own log may show why. Try again: it may be restarting.")
    report.suggestExplain(route)
    return report
  }

  static func badResponse(_ reason: String, _ route: Route?) -> FailureReport {
    let isHTTP2 = if case .network(.h2c, _, _) = route?.target { true } else { false }
    var report = FailureReport(
      "upstream_bad_response", 502, .service, "\(name(route)) cannot be understood",
      "What the service answered is not \(isHTTP2 ? "HTTP/2" : "HTTP/1.1"): \(reason).",
      hint: isHTTP2
        ? "See that the service speaks HTTP/2 without TLS on this port; where it speaks HTTP/1.1, the scheme is http."
        : "See that the route's scheme and port are those of a web service.")
    report.suggestExplain(route)
    return report
  }

  static func responseTooLarge(_ fault: MessageFault, _ route: Route?) -> FailureReport {
    let limit = if case .tooManyFields = fault { "head_fields" } else { "head_bytes" }
    return FailureReport(
      "upstream_head_too_large", 502, .service, "\(name(route)) answers with too large a header",
      "What the service answered was given up: \(fault).",
      hint: "See what the service sets, such as cookies; if it needs so much, raise limits.\(limit) of the proxy.")
  }

  private mutating func suggestExplain(_ route: Route?) {
    guard route != nil else { return }
    hint += " On the agent's machine, show the details with:"
    command = Self.explain(route)
  }

  static func name(_ route: Route?) -> String { route?.alias.text ?? "The service" }

  static func explain(_ route: Route?) -> String { "pvescout explain \(route?.alias.text ?? "ALIAS")" }
}
