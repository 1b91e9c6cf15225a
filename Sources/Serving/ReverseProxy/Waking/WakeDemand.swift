import HTTPMessages
import RouteModel

/// What a request means to a guest that sleeps.
enum WakeDemand: Hashable {
  /// It wakes the guest, and a person is shown how that goes on.
  case page
  /// It wakes the guest, and waits.
  case wait
  /// The page's own events.
  case events
  /// It only looks; the reason completes "this request does not wake it: …".
  case look(String)
  /// It uses the guest while that is up, and does not wake it.
  case use(String)

  /// Where the waiting page gets its events from, while the guest sleeps.
  static let eventsPath = "/.well-known/pvescout/wake"

  init(_ head: RequestHead, policy: WakePolicy?, isUpgrade: Bool) {
    let path = head.target.prefix { $0 != "?" }
    if path == Self.eventsPath, head.method == .get {
      self = .events
    } else if let reason = Self.reasonToLook(head, path: path, policy) {
      self = .look(reason)
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
    case .events, .look: false
    }
  }

  /// Nil if it is more than a look.
  private static func reasonToLook(_ head: RequestHead, path: Substring, _ policy: WakePolicy?) -> String? {
    switch head.method {
    case .head, .options: return "\(head.methodName) only looks"
    default: break
    }
    if let purpose = head.fields.value(named: "sec-purpose"), purpose.lowercased().contains("prefetch") {
      return "the browser fetches it ahead of time"
    }
    // Sent by itself, long after the page (Service Workers, "update"); without an answer the browser keeps the one it has.
    if head.fields.value(named: "service-worker") == "script" { return "the browser looks for a newer service worker" }
    let isMonitor = head.fields.list(of: .userAgent).map(MonitoringAgents.contains) ?? false
    if isMonitor { return "monitoring programs only look" }
    if policy?.startEndpoint != nil { return nil }
    let isCourtesy = path == "/favicon.ico" || path == "/robots.txt" || path.hasPrefix("/.well-known/")
    return isCourtesy ? "\(path.prefix(60)) is fetched by programs" : nil
  }

  /// A browser that opens a page, where programs and scripts of a page want an answer of the service itself.
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
