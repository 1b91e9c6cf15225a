import FoundationEssentials
import RouteModel

/// The health of a route that is kept across restarts, and for a while after the route was removed.
struct SavedHealth: Codable, Sendable {
  var provider: String
  var alias: String
  var ordinal: UInt16
  var service: ServiceIdentity
  /// When the route was last watched.
  var lastSeen: Date
  /// Since when it was up at that time.
  var upSince: Date?
  var history: HealthHistory

  /// The longest gap between observations through which an uptime continues: longer than installing a new version
  /// takes.
  static let shortAbsence: TimeInterval = 600
  /// How long a history is kept after its route: then everything in it is older than its range.
  static let lifetime: TimeInterval = 30 * 24 * 3600
  /// The maximum number of former routes; the oldest are forgotten first.
  static let maxArchived = 1000

  /// Nil if the alias is invalid, as in an edited file.
  var id: RouteID? {
    (try? RouteAlias(alias)).map { RouteID(provider: ProviderName(provider), alias: $0, ordinal: Int(ordinal)) }
  }

  /// The uptime that continues if the service is up now.
  func upSince(resumedAt date: Date) -> Date? {
    (0...Self.shortAbsence).contains(date.timeIntervalSince(lastSeen)) ? upSince : nil
  }
}

/// Histories without a route: from before a restart, and of removed routes.
struct HealthArchive: Sendable {
  private var histories: [RouteID: SavedHealth] = [:]

  mutating func add(_ saved: SavedHealth) {
    guard let id = saved.id, !saved.history.isEmpty else { return }
    histories[id] = saved
  }

  mutating func remove(_ id: RouteID) -> SavedHealth? { histories.removeValue(forKey: id) }

  /// Removes what is too old or too much; returns the rest for the file.
  mutating func tidied(at date: Date) -> [SavedHealth] {
    let kept = histories.values.filter { date.timeIntervalSince($0.lastSeen) < SavedHealth.lifetime }
      .sorted { $0.lastSeen > $1.lastSeen }.prefix(SavedHealth.maxArchived)
    if kept.count < histories.count {
      histories = [:]
      for saved in kept { add(saved) }
    }
    return Array(kept)
  }
}
