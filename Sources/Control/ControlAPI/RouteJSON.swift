package import JSONDocument

/// A route as the agent serves it.
package struct RouteJSON: Decodable, Hashable, Sendable {
  /// The alias; `pool:provider:alias` if another pool has that alias.
  package var key: String
  package var alias: String
  package var provider: String
  /// `http`, `stream` or `excluded`.
  package var pool: String
  package var scheme: String
  package var listen: String?
  /// Why a stream cannot listen; the agent retries. Null while it listens, and for a route without a port of its own.
  package var listenError: String?
  /// A URL; null without a target.
  package var target: String?
  package var excludedReason: String?
  /// Why the route is linked and probed but not served: its access restrictions are not enforced.
  package var restricted: String?
  package var link: LinkJSON
  package var health: HealthJSON
  /// Null if the agent does not start and stop the guest.
  package var control: ControlJSON?

  package init(
    key: String, alias: String, provider: String, pool: String, scheme: String, listen: String? = nil,
    listenError: String? = nil, target: String?, excludedReason: String? = nil, restricted: String? = nil,
    link: LinkJSON,
    health: HealthJSON, control: ControlJSON? = nil
  ) {
    self.key = key
    self.alias = alias
    self.provider = provider
    self.pool = pool
    self.scheme = scheme
    self.listen = listen
    self.listenError = listenError
    self.target = target
    self.excludedReason = excludedReason
    self.restricted = restricted
    self.link = link
    self.health = health
    self.control = control
  }

  private enum CodingKeys: String, CodingKey {
    case key, alias, provider, pool, scheme, listen, target, restricted, link, health, control
    case listenError = "listen_error"
    case excludedReason = "excluded_reason"
  }
}

extension RouteJSON: JSONWritable {
  package func write(to json: inout JSONWriter) {
    write(to: &json, writeControl: { control.write(to: &$0) }, writeHealth: { health.write($0, to: &$1) })
  }

  /// - Parameters:
  ///   - writeControl: writes the value of `control`, which changes independently of the rest.
  ///   - writeHealth: writes the value of a part of `health`, likewise.
  package func write(
    to json: inout JSONWriter, writeControl: (inout JSONWriter) -> Void,
    writeHealth: (HealthJSON.Part, inout JSONWriter) -> Void
  ) {
    json.beginObject()
    json.field(CodingKeys.alias, alias)
    json.key(CodingKeys.control.stringValue)
    writeControl(&json)
    json.field(CodingKeys.excludedReason, excludedReason)
    json.key(CodingKeys.health.stringValue)
    HealthJSON.write(to: &json, writeHealth)
    json.field(CodingKeys.key, key)
    json.field(CodingKeys.link, link)
    json.field(CodingKeys.listen, listen)
    json.field(CodingKeys.listenError, listenError)
    json.field(CodingKeys.pool, pool)
    json.field(CodingKeys.provider, provider)
    json.field(CodingKeys.restricted, restricted)
    json.field(CodingKeys.scheme, scheme)
    json.field(CodingKeys.target, target)
    json.endObject()
  }
}
