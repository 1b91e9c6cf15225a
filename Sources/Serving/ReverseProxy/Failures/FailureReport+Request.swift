import HTTPMessages

// Failures caused by the request.
extension FailureReport {
  static func noRoute(_ host: String) -> FailureReport {
    var report = FailureReport(
      "route_not_found", 404, .proxy, "No route has this name", "No route answers to the host '\(host)'.",
      hint: "See that an alias of the route files is this host or its first label, and that its domain is in "
        + "match_domains. On the agent's machine, list the aliases with:")
    report.command = "pvescout routes"
    return report
  }

  static func misdirected(_ host: String) -> FailureReport {
    FailureReport(
      "misdirected_request", 421, .client, "This connection does not lead there",
      "The TLS of '\(host)' is passed through to its service, which has no part in this connection.",
      hint: "Ask again on a connection of its own, whose TLS names that host (SNI). Browsers do that by themselves.")
  }

  static func badRequest(_ fault: MessageFault, _ status: UInt16) -> FailureReport {
    switch fault {
    case .host:
      FailureReport(
        "bad_host", status, .client, "Which host is meant?", "The request cannot be routed: \(fault).",
        hint: "Send one Host header field, with the name of the service.")
    case .headTooLarge, .tooManyFields:
      FailureReport(
        "head_too_large", status, .client, "The request's header is too large", "The request was refused: \(fault).",
        hint: "A browser sends all cookies of a site: clear those of this one, and try again.")
    case .targetCharacter:
      FailureReport(
        "bad_request", status, .client, "The request cannot be understood", "The request was refused: \(fault).",
        hint: "Write it in UTF-8, each byte percent-encoded: /%C3%A4 for /ä (RFC 3986 §2.1).")
    default:
      FailureReport(
        "bad_request", status, .client, "The request cannot be understood", "The request was refused: \(fault).",
        hint: "Whatever sent it does not keep to HTTP (RFC 9112, and RFC 9113 for HTTP/2).")
    }
  }

  static var notTLS: FailureReport {
    FailureReport(
      "https_required", 400, .client, "This port speaks HTTPS", "What was sent here is no TLS.",
      hint: "Ask again with https:// in place of http://.")
  }

  static var clientTooSlow: FailureReport {
    FailureReport(
      "request_timeout", 408, .client, "The request took too long", "The request did not arrive in time.",
      hint: "Send it again; if that happens often, look at the network in between.")
  }
}
