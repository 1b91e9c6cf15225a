/// `GET /v1/providers`: all routes by provider, including excluded ones.
package struct ProviderList: Codable, Hashable, Sendable {
  package var generation: UInt64
  package var providers: [String: [Route]]

  package init(generation: UInt64, providers: [String: [Route]]) {
    (self.generation, self.providers) = (generation, providers)
  }
}
