/// `GET /v1/lookup`: what a route with such a host, address or alias would link to. An ambiguity is an answer.
package struct LookupAnswer: Codable, Hashable, Sendable {
  package var link: Link
  package var steps: [LinkStep]

  package init(link: Link, steps: [LinkStep]) { (self.link, self.steps) = (link, steps) }
}
