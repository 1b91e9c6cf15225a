package import ControlAPI

/// An event of the agent's stream.
package struct ServerEvent: Hashable, Sendable {
  /// The id to resume after; nil before the first one.
  package var id: UInt64?
  /// `route.added`, `health.changed`, …
  package var event: String
  /// JSON.
  package var data: String

  package init(id: UInt64?, event: String, data: String) { (self.id, self.event, self.data) = (id, event, data) }

  /// The decoded data; nil for an event that this version does not know.
  package func decoded() throws -> EventData? { try EventData(event: event, data: Array(data.utf8)) }
}
