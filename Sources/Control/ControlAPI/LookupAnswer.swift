package import JSONDocument

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
