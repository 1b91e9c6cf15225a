/// `GET /v1/lookup`: the link of a hypothetical route with that host, address or alias. An ambiguous link is not an
/// error.
package struct LookupAnswer: Codable, Hashable, Sendable {
  package var link: Link
  package var steps: [LinkStep]

  package init(link: Link, steps: [LinkStep]) { (self.link, self.steps) = (link, steps) }
}
