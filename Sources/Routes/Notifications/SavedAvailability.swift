import FoundationEssentials
import RouteModel

/// Whether a route was up or down, as it is kept over restarts.
struct SavedAvailability: Codable, Hashable, Sendable {
  var provider: String
  var alias: String
  var ordinal: Int
  var wasUp: Bool
  /// Since when it is down; nil while it is up.
  var downSince: Date?
  var cause: String?

  init(_ id: RouteID, wasUp: Bool, downtime: Notice.Downtime?) {
    (provider, alias, ordinal) = (id.provider.text, id.alias.text, id.ordinal)
    self.wasUp = wasUp
    (downSince, cause) = (downtime?.since, downtime?.cause)
  }

  /// Nil where the alias is none.
  var id: RouteID? {
    (try? RouteAlias(alias)).map { RouteID(provider: ProviderName(provider), alias: $0, ordinal: ordinal) }
  }
}
