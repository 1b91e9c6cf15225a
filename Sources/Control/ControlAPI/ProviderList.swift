/// `GET /v1/providers`: every route by the provider that declares it, the excluded ones too.
package struct ProviderList: Codable, Hashable, Sendable {
  package var generation: UInt64
  package var providers: [String: [Route]]

  package init(generation: UInt64, providers: [String: [Route]]) {
    (self.generation, self.providers) = (generation, providers)
  }
}
