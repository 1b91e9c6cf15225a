package import FoundationEssentials
package import JSONDocument

/// `GET /v1`: the agent's name and version.
package struct APIInfo: Decodable, Hashable, Sendable {
  package var name: String
  package var version: String
  /// The version of this interface: the `v1` of the paths.
  package var api: String
  package var extensions: [String]
  package var startedAt: Date
  /// The generation of the routes. Generations are only comparable within one `started_at`.
  package var generation: UInt64
  /// The number of routes by pool.
  package var routes: [String: Int]
  /// `ADDRESS:PORT` by `http` and `https`; empty if no routes are served.
  package var proxy: [String: String]
  /// `proxy.match_domains`: below them, routes with a short alias are served.
  package var domains: [String]

  package init(
    name: String = "pvescout", version: String = PvescoutVersion.text, api: String = "v1", extensions: [String] = [],
    startedAt: Date, generation: UInt64, routes: [String: Int], proxy: [String: String] = [:],
    domains: [String] = []
  ) {
    self.name = name
    self.version = version
    self.api = api
    self.extensions = extensions
    self.startedAt = startedAt
    self.generation = generation
    self.routes = routes
    self.proxy = proxy
    self.domains = domains
  }

  private enum CodingKeys: String, CodingKey {
    case name, version, api, extensions, generation, routes, proxy, domains
    case startedAt = "started_at"
  }
}

extension APIInfo: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.api, api)
    json.field(CodingKeys.domains, domains)
    json.field(CodingKeys.extensions, extensions)
    json.field(CodingKeys.generation, generation)
    json.field(CodingKeys.name, name)
    json.field(CodingKeys.proxy, proxy)
    json.field(CodingKeys.routes, routes)
    json.field(CodingKeys.startedAt, startedAt)
    json.field(CodingKeys.version, version)
    json.endObject()
  }
}
