package import JSONDocument

/// One step of the decision on a link.
package struct LinkStepJSON: Decodable, Hashable, Sendable {
  /// The key that was tried: `explicit`, `node.address`, `guest.hostname`, …
  package var step: String
  /// `matched`, `missed`, `skipped`, `chosen`, `ambiguous`, `failed` or `info`.
  package var outcome: String
  package var detail: String

  package init(step: String, outcome: String, detail: String) {
    (self.step, self.outcome, self.detail) = (step, outcome, detail)
  }
}

/// `GET /v1/routes/{alias}/explain`: how a route's link, target and health were decided.
package struct Explanation: Decodable, Hashable, Sendable {
  package var alias: String
  package var key: String
  package var provider: String
  /// The position of the route's declaration: `file:line:column`.
  package var declaredAt: String
  package var target: String?
  package var excludedReason: String?
  package var restricted: String?
  package var link: LinkJSON
  package var steps: [LinkStepJSON]
  package var health: HealthDetail
  /// The notes about the guest in the route's `proxmox:`: `service plexmediaserver`, `file /var/log/plex.log`.
  package var notes: [String]

  package init(
    route: RouteJSON, declaredAt: String, steps: [LinkStepJSON], health: HealthDetail, notes: [String] = []
  ) {
    alias = route.alias
    key = route.key
    provider = route.provider
    self.declaredAt = declaredAt
    self.target = route.target
    self.excludedReason = route.excludedReason
    self.restricted = route.restricted
    link = route.link
    self.steps = steps
    self.health = health
    self.notes = notes
  }

  private enum CodingKeys: String, CodingKey {
    case alias, key, provider, target, restricted, link, steps, health, notes
    case declaredAt = "declared_at"
    case excludedReason = "excluded_reason"
  }
}

extension LinkStepJSON: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.detail, detail)
    json.field(CodingKeys.outcome, outcome)
    json.field(CodingKeys.step, step)
    json.endObject()
  }
}

extension Explanation: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.alias, alias)
    json.field(CodingKeys.declaredAt, declaredAt)
    json.field(CodingKeys.excludedReason, excludedReason)
    json.field(CodingKeys.health, health)
    json.field(CodingKeys.key, key)
    json.field(CodingKeys.link, link)
    json.field(CodingKeys.notes, notes)
    json.field(CodingKeys.provider, provider)
    json.field(CodingKeys.restricted, restricted)
    json.field(CodingKeys.steps, steps)
    json.field(CodingKeys.target, target)
    json.endObject()
  }
}
