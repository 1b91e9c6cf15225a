import Foundation
import RouteModel

@testable import Notifications

extension DeliveryResult {
  static let taken = DeliveryResult.delivered(answer: "it answered 200")
}

/// A sample route and its events.
enum Samples {
  static let instant = ContinuousClock.now
  static let start = Date(timeIntervalSince1970: 1_790_000_000)

  static func id(_ alias: String, provider: String = "file:routes") throws -> RouteID {
    RouteID(provider: ProviderName(provider), alias: try RouteAlias(alias))
  }

  static func observation(
    _ alias: String, _ status: HealthStatus, after seconds: Double = 0, cause: String? = nil,
    resource: LinkedResource? = nil
  ) throws -> Observation {
    Observation(
      id: try id(alias), key: alias, status: status, previous: status == .healthy ? .unhealthy : .healthy,
      cause: status == .healthy ? nil : cause ?? "connection refused",
      detail: status == .healthy ? "200 OK" : "refused",
      target: "http://10.0.0.50:32400", resource: resource, since: start + seconds)
  }

  static func observation(
    _ status: HealthStatus, after seconds: Double = 0, cause: String? = nil
  ) throws -> Observation {
    try observation("plex", status, after: seconds, cause: cause)
  }

  static let guest = LinkedResource(
    .guest(GuestID(cluster: "home", vmid: 105), node: "pve1", name: "plex", type: .lxc, status: .stopped),
    matchedBy: .alias, matched: "plex")

  static func down(_ alias: String = "plex", cause: String? = nil, isFirst: Bool = false) throws -> Notice {
    Notice(.down, try observation(alias, .unhealthy, cause: cause, resource: guest), isFirst: isFirst)
  }

  static func up(_ alias: String = "plex", isFirst: Bool = false, after seconds: Double? = 192) throws -> Notice {
    Notice(
      .up, try observation(alias, .healthy, after: seconds ?? 0, resource: guest), isFirst: isFirst,
      downtime: seconds.map {
        Notice.Downtime(
          since: start, start: instant, end: instant + .seconds($0), cause: "guest 105 is stopped")
      })
  }

  static func entry(
    _ name: String = "phone", url: String = "http://127.0.0.1/x", selection: RouteSelection = RouteSelection(),
    firstUp: Bool = false, neverUp: Bool = false
  ) throws -> NotificationEntry {
    NotificationEntry(
      name: name, channel: .webhook(Webhook(url: try WebhookURL(url), form: .preset(.gotify))), selection: selection,
      notifiesFirstUp: firstUp, notifiesNeverUp: neverUp,
      location: SourceLocation(file: "pvescout.yml", line: 3, column: 5))
  }
}
