/// The response to a successful `POST /v1/reload`.
package struct ReloadAnswer: Codable, Hashable, Sendable {
  package var generation: UInt64
  /// `file:line:column: message`.
  package var warnings: [String]

  package init(generation: UInt64, warnings: [String]) { (self.generation, self.warnings) = (generation, warnings) }
}
