/// One step of the way to a link, as `explain` and `lookup` print it.
package struct LinkStep: Hashable, Sendable {
  /// What was tried.
  package enum Subject: Hashable, Sendable, CustomStringConvertible {
    case explicit, inventory, host, link, target, validate, listen
    case node(LinkedResource.MatchKey)
    case guest(LinkedResource.MatchKey)

    /// As the socket says it: `explicit`, `node.address`, `guest.hostname`, `target`, …
    package var description: String {
      switch self {
      case .explicit: "explicit"
      case .inventory: "inventory"
      case .host: "host"
      case .link: "link"
      case .target: "target"
      case .validate: "validate"
      case .listen: "listen"
      case .node(let key): "node.\(key)"
      case .guest(let key): "guest.\(key)"
      }
    }
  }

  /// What a step decided. The raw values are what the socket says.
  package enum Outcome: String, Sendable { case matched, missed, skipped, chosen, ambiguous, failed, info }

  package var subject: Subject
  package var outcome: Outcome
  /// One sentence for a person.
  package var detail: String

  package init(_ subject: Subject, _ outcome: Outcome, _ detail: String) {
    (self.subject, self.outcome, self.detail) = (subject, outcome, detail)
  }
}
