import HTTPMessages
import RouteModel

/// The effect of a request on a sleeping guest.
enum WakeDemand: Hashable {
  /// Wakes the guest, and gets the waiting page.
  case page
  /// Wakes the guest, and waits for it.
  case wait
  /// Gets the events for the waiting page.
  case events
  /// Neither wakes the guest nor counts as use. The reason completes "this request does not wake it: …".
  case passive(String)
  /// Uses the guest while it is up, and does not wake it. The reason is as for ``passive(_:)``.
  case use(String)

  /// The path of the events for the waiting page, while the guest sleeps.
  static let eventsPath = "/.well-known/pvescout/wake"

  init(_ head: RequestHead, policy: WakePolicy?, isUpgrade: Bool) {
    let path = head.target.prefix { $0 != "?" }
    if path == Self.eventsPath, head.method == .get {
      self = .events
    } else if let reason = Self.passiveReason(head, path: path, policy) {
      self = .passive(reason)
    } else if let endpoint = policy?.startEndpoint, path != endpoint {
      self = .use("only \(endpoint) does (start_endpoint)")
    } else {
      self = !isUpgrade && policy?.showsPage == true && Self.isNavigation(head) ? .page : .wait
    }
  }

  /// Whether the request counts as use of the guest.
  var isUse: Bool {
    switch self {
    case .page, .wait, .use: true
    case .events, .passive: false
    }
  }

  /// Why a request is passive; nil if it is not.
  private static func passiveReason(_ head: RequestHead, path: Substring, _ policy: WakePolicy?) -> String? {
    switch head.method {
    case .head, .options: return "\(head.methodName) only looks"
    default: break
    }
    if let purpose = head.fields.value(named: "sec-purpose"), purpose.lowercased().contains("prefetch") {
      return "the browser fetches it ahead of time"
    }
    // Browsers send it long after the page was used (Service Workers, "update"), and keep the old one without an
    // answer.
    if head.fields.value(named: "service-worker") == "script" { return "the browser looks for a newer service worker" }
    let isMonitor = head.fields.list(of: .userAgent).map(MonitoringAgents.contains) ?? false
    if isMonitor { return "monitoring programs only look" }
    if policy?.startEndpoint != nil { return nil }
    let isCourtesy = path == "/favicon.ico" || path == "/robots.txt" || path.hasPrefix("/.well-known/")
    return isCourtesy ? "\(path.prefix(60)) is fetched by programs" : nil
  }

  /// Whether a browser opens a page. Programs and scripts need an answer of the service itself.
  private static func isNavigation(_ head: RequestHead) -> Bool {
    let fields = head.fields
    guard head.method == .get, !fields.contains(.range), fields.value(named: "x-requested-with") == nil,
      fields.value(named: "sec-fetch-mode").map({ $0 == "navigate" }) ?? true
    else { return false }
    let accepted = fields.list(of: .accept) ?? ""
    return accepted.split(separator: ",").contains { range in
      let type = range.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
      return type == "text/html" || type == "application/xhtml+xml"
    }
  }
}

/// Monitoring programs and crawlers, by their User-Agent. They neither wake a guest nor keep it awake.
///
/// The manual has the same list.
enum MonitoringAgents {
  static let names = [
    "uptime-kuma", "gatus", "blackbox exporter", "blackbox_exporter", "prometheus", "uptimerobot", "pingdom",
    "statuscake", "better uptime", "betterstack", "hetrixtools", "site24x7", "nodeping", "freshping", "updown.io",
    "statping", "zabbix", "check_http", "check_curl", "nagios", "icinga", "checkmk", "monit/", "kube-probe",
    "elb-healthchecker", "googlehc", "haproxy", "traefik", "godoxy", "homepage", "dashy", "glance", "pvescout",
    "googlebot", "bingbot", "crawler", "spider",
  ]

  private static let nameBytes = names.map { Array($0.utf8) }

  /// Whether a User-Agent contains one of the names, in any case.
  static func contains(_ userAgent: String) -> Bool {
    let text = Array(userAgent.lowercased().utf8)
    return nameBytes.contains { name in
      text.indices.dropLast(name.count - 1).contains { start in
        text[start] == name[0] && text[start..<(start + name.count)].elementsEqual(name)
      }
    }
  }
}
