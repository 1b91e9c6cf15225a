import RouteModel
import Testing

@Suite struct PackedStepsTests {
  private struct Owner {
    @PackedSteps var steps: [LinkStep] = []
  }

  @Test func givesBackWhatItWasGiven() {
    let details = ["", "no node has 10.0.0.7", "Gäste: keine", String(repeating: "x", count: 70_000), "a\nb\u{0}c"]
    var steps: [LinkStep] = []
    for (index, subject) in LinkStep.Subject.allCases.enumerated() {
      for outcome in LinkStep.Outcome.allCases {
        steps.append(LinkStep(subject, outcome, details[(index + Int(outcome.rawValue)) % details.count]))
      }
    }
    let isSame = Owner(steps: steps).steps == steps
    #expect(isSame)
    #expect(Owner().steps.isEmpty)
  }

  @Test func comparesWithoutUnpacking() {
    let owner = Owner(steps: [LinkStep(.target, .chosen, "a")])
    #expect(owner.$steps == Owner(steps: [LinkStep(.target, .chosen, "a")]).$steps)
    #expect(owner.$steps != Owner(steps: [LinkStep(.target, .chosen, "b")]).$steps)
    #expect(owner.$steps != Owner(steps: [LinkStep(.target, .failed, "a")]).$steps)
  }

  @Test func subjectsReadAsTheSocketSaysThem() {
    #expect(
      LinkStep.Subject.allCases.map(\.description) == [
        "explicit", "inventory", "host", "link", "port", "target", "access", "validate", "listen", "node.address",
        "node.hostname",
        "node.alias", "guest.address", "guest.hostname", "guest.alias",
      ])
    #expect("\(LinkStep.Outcome.chosen)" == "chosen")
  }
}
