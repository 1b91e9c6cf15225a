package import FoundationEssentials

/// `GET /v1/routes`, ordered by alias.
package struct RouteList: Codable, Hashable, Sendable {
  package var generation: UInt64
  /// When this generation was created; the health values are current.
  package var asOf: Date
  package var routes: [Route]

  package init(generation: UInt64, asOf: Date, routes: [Route]) {
    (self.generation, self.asOf, self.routes) = (generation, asOf, routes)
  }

  private enum CodingKeys: String, CodingKey {
    case generation, routes
    case asOf = "as_of"
  }
}
