import FoundationEssentials
import RouteModel

/// What is kept of a route over restarts, and for a while after it is gone.
struct SavedHealth: Codable, Sendable {
  var provider: String
  var alias: String
  var ordinal: UInt16
  var service: ServiceIdentity
  /// When the route was last watched.
  var lastSeen: Date
  /// Since when it had been up then.
  var upSince: Date?
  var history: HealthHistory

  /// For how long nobody may have looked so that an uptime goes on: longer than it takes to install a new version.
  static let shortAbsence: TimeInterval = 600
  /// How long a history outlives its route: after that, all in it is older than it tells of.
  static let lifetime: TimeInterval = 30 * 24 * 3600
  /// Routes that are gone; the longest gone are forgotten first.
  static let mostOfThePast = 1000

  /// Nil where the alias is none, as in a file that somebody edited.
  var id: RouteID? {
    (try? RouteAlias(alias)).map { RouteID(provider: ProviderName(provider), alias: $0, ordinal: Int(ordinal)) }
  }

  /// The uptime that goes on if the service is found up now.
  func upSince(resumedAt date: Date) -> Date? {
    (0...Self.shortAbsence).contains(date.timeIntervalSince(lastSeen)) ? upSince : nil
  }
}

/// Histories without a route: of before a restart, and of routes that went.
struct HealthArchive: Sendable {
  private var histories: [RouteID: SavedHealth] = [:]

  mutating func add(_ saved: SavedHealth) {
    guard let id = saved.id, !saved.history.isEmpty else { return }
    histories[id] = saved
  }

  mutating func take(_ id: RouteID) -> SavedHealth? { histories.removeValue(forKey: id) }

  /// Forgets what is too old or too much; the rest is for the file.
  mutating func tidied(at date: Date) -> [SavedHealth] {
    let kept = histories.values.filter { date.timeIntervalSince($0.lastSeen) < SavedHealth.lifetime }
      .sorted { $0.lastSeen > $1.lastSeen }.prefix(SavedHealth.mostOfThePast)
    if kept.count < histories.count {
      histories = [:]
      for saved in kept { add(saved) }
    }
    return Array(kept)
  }
}
