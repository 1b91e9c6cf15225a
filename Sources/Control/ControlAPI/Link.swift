/// The link of a route to a node or guest: one object whose `state` determines the case.
package enum Link: Hashable, Sendable {
  case linked(LinkedResource)
  /// Several candidates match equally well; `detail` is a sentence for a person.
  case ambiguous(candidates: [LinkedResource], detail: String)
  /// `reason` is an identifier for programs (`no_match`, `inventory_pending`, …), `detail` a sentence for a person.
  case unlinked(reason: String, detail: String)

  /// `linked`, `ambiguous` or `unlinked`.
  package var state: String {
    switch self {
    case .linked: "linked"
    case .ambiguous: "ambiguous"
    case .unlinked: "unlinked"
    }
  }

  package var resource: LinkedResource? {
    if case .linked(let resource) = self { resource } else { nil }
  }
}

extension Link: Codable {
  private enum CodingKeys: String, CodingKey { case state, candidates, reason, detail }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(state, forKey: .state)
    switch self {
    case .linked(let resource):
      try resource.encode(to: encoder)
    case .ambiguous(let candidates, let detail):
      try container.encode(candidates, forKey: .candidates)
      try container.encode(detail, forKey: .detail)
    case .unlinked(let reason, let detail):
      try container.encode(reason, forKey: .reason)
      try container.encode(detail, forKey: .detail)
    }
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let detail = try container.decodeIfPresent(String.self, forKey: .detail) ?? ""
    switch try container.decode(String.self, forKey: .state) {
    case "linked":
      self = .linked(try LinkedResource(from: decoder))
    case "ambiguous":
      self = .ambiguous(candidates: try container.decode([LinkedResource].self, forKey: .candidates), detail: detail)
    case "unlinked":
      self = .unlinked(reason: try container.decode(String.self, forKey: .reason), detail: detail)
    case let other:
      throw DecodingError.dataCorruptedError(
        forKey: .state, in: container, debugDescription: "wanted linked, ambiguous or unlinked, found '\(other)'")
    }
  }
}
