import FoundationEssentials
import RouteModel

/// Whether a route was up or down, as saved across restarts.
struct SavedAvailability: Codable, Hashable, Sendable {
  var provider: String
  var alias: String
  var ordinal: UInt16
  var wasUp: Bool
  /// When the route went down; nil while it is up.
  var downSince: Date?
  var cause: String?
  /// The state that some entries have not been notified of; nil if there is none.
  var undelivered: Undelivered?

  struct Undelivered: Codable, Hashable, Sendable {
    /// The names of the entries.
    var entries: Set<String>
    var isFirst: Bool
    /// For an `up`, the start of the downtime before it.
    var downSince: Date?
    var downSeconds: Int?
    var cause: String?

    init(_ notice: Notice, to entries: Set<String>) {
      (self.entries, isFirst) = (entries, notice.isFirst)
      (downSince, downSeconds, cause) = (notice.downtime?.since, notice.downSeconds, notice.downtime?.cause)
    }

    /// The downtime by the continuous clock, which never jumps; it ends now.
    func downtime(at now: ContinuousClock.Instant) -> Notice.Downtime? {
      downSince.map { since in
        let seconds = min(max(0, downSeconds ?? 0), Self.longest)
        return Notice.Downtime(since: since, start: now - .seconds(seconds), end: now, cause: cause)
      }
    }

    /// A century, in seconds.
    private static let longest = 3_155_760_000
  }

  private enum CodingKeys: String, CodingKey {
    case provider, alias, ordinal, wasUp, downSince, cause
    case undelivered = "untold"
  }

  init(_ id: RouteID, wasUp: Bool, downtime: Notice.Downtime?) {
    (provider, alias, ordinal) = (id.provider.text, id.alias.text, UInt16(clamping: id.ordinal))
    self.wasUp = wasUp
    (downSince, cause) = (downtime?.since, downtime?.cause)
  }

  /// Nil if the alias is invalid.
  var id: RouteID? {
    (try? RouteAlias(alias)).map { RouteID(provider: ProviderName(provider), alias: $0, ordinal: Int(ordinal)) }
  }
}
