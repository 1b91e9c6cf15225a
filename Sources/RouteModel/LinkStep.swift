/// One step of the way to a link, as `explain` and `lookup` print it.
package struct LinkStep: Hashable, Sendable {
  /// What a step decided. The raw values are what the socket says.
  package enum Outcome: String, Sendable { case matched, missed, skipped, chosen, ambiguous, failed, info }

  /// What was tried: `explicit`, `node.address`, `guest.hostname`, `target`, …
  package var step: String
  package var outcome: Outcome
  /// One sentence for a person.
  package var detail: String

  package init(_ step: String, _ outcome: Outcome, _ detail: String) {
    (self.step, self.outcome, self.detail) = (step, outcome, detail)
  }
}
