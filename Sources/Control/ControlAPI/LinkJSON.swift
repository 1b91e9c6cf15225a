package import JSONDocument

/// The link of a route with a node or guest; its cases are distinguished by `state`.
package enum LinkJSON: Hashable, Sendable {
  case linked(LinkedResourceJSON)
  /// Several candidates match equally well; `detail` is a sentence for people.
  case ambiguous(candidates: [LinkedResourceJSON], detail: String)
  /// `reason` is an identifier for programs (`no_match`, `inventory_pending`, …), `detail` a sentence for people.
  case unlinked(reason: String, detail: String)

  /// `linked`, `ambiguous` or `unlinked`.
  package var state: String {
    switch self {
    case .linked: "linked"
    case .ambiguous: "ambiguous"
    case .unlinked: "unlinked"
    }
  }

  package var resource: LinkedResourceJSON? {
    if case .linked(let resource) = self { resource } else { nil }
  }
}

extension LinkJSON: Decodable {
  enum CodingKeys: String, CodingKey { case state, candidates, reason, detail }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let detail = try container.decodeIfPresent(String.self, forKey: .detail) ?? ""
    switch try container.decode(String.self, forKey: .state) {
    case "linked":
      self = .linked(try LinkedResourceJSON(from: decoder))
    case "ambiguous":
      self = .ambiguous(
        candidates: try container.decode([LinkedResourceJSON].self, forKey: .candidates), detail: detail)
    case "unlinked":
      self = .unlinked(reason: try container.decode(String.self, forKey: .reason), detail: detail)
    case let other:
      throw DecodingError.dataCorruptedError(
        forKey: .state, in: container, debugDescription: "wanted linked, ambiguous or unlinked, found '\(other)'")
    }
  }
}

extension LinkJSON: JSONWritable {
  package func write(to json: inout JSONWriter) {
    switch self {
    case .linked(let resource): return resource.write(to: &json, state: state)
    case .ambiguous(let candidates, let detail):
      json.beginObject()
      json.field(CodingKeys.candidates, candidates)
      json.field(CodingKeys.detail, detail)
    case .unlinked(let reason, let detail):
      json.beginObject()
      json.field(CodingKeys.detail, detail)
      json.field(CodingKeys.reason, reason)
    }
    json.field(CodingKeys.state, state)
    json.endObject()
  }
}

/// `GET /v1/lookup`: the link of a route with such a host, address or alias. An ambiguity is an answer.
package struct LookupAnswer: Decodable, Hashable, Sendable {
  package var link: LinkJSON
  package var steps: [LinkStepJSON]

  package init(link: LinkJSON, steps: [LinkStepJSON]) { (self.link, self.steps) = (link, steps) }
}

extension LookupAnswer: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.link, link)
    json.field(CodingKeys.steps, steps)
    json.endObject()
  }
}
