import ProxmoxInventory
import RouteModel
import RouteValidation
import Testing

@Suite struct ExplicitLinkTests {
  static let two = Lab.inventory(
    [Lab.node("pve1"), Lab.node("pve"), Lab.node("pve", in: "shed"), Lab.node("barn", in: "shed")],
    [
      Lab.guest(105, "plex"), Lab.guest(105, "mill", on: "barn", in: "shed"), Lab.guest(106, "wiki"),
      Lab.guest(9000, "template", isTemplate: true),
    ])

  static let cases: [(ProxmoxReference, String)] = [
    (.init(.guest(106, nodeHint: nil)), "guest 106 by explicit"),
    (.init(.guest(106, nodeHint: "elsewhere")), "guest 106 by explicit"),
    (.init(.guest(105, nodeHint: nil)), "ambiguous 105 105"),
    (.init(.guest(105, nodeHint: nil), cluster: "shed"), "guest 105 by explicit"),
    (.init(.guest(105, nodeHint: "barn")), "guest 105 by explicit"),
    (.init(.guest(999, nodeHint: nil)), "not_found"),
    (.init(.guest(9000, nodeHint: nil)), "not_found"),
    (.init(.guest(106, nodeHint: nil), cluster: "shed"), "not_found"),
    (.init(.guest(106, nodeHint: nil), cluster: "nowhere"), "not_found"),
    (.init(.node("PVE1")), "node pve1 by explicit"),
    (.init(.node("pve")), "ambiguous pve pve"),
    (.init(.node("pve"), cluster: "shed"), "node pve by explicit"),
    (.init(.node("nobody")), "not_found"),
  ]

  @Test(arguments: cases)
  func winsAndNeverFallsBack(reference: ProxmoxReference, expected: String) {
    let decision = ReverseLookup(inventory: Self.two).explain(reference: reference, host: "wiki", alias: "wiki")
    #expect(decision.link.brief == expected)
    #expect(decision.steps.count == 1)
  }

  @Test func isPendingWhileItsClusterWasNotRead() {
    let lookup = ReverseLookup(inventory: Lab.pending(Self.two))
    func link(_ reference: ProxmoxReference) -> String {
      lookup.explain(reference: reference).link.brief
    }
    #expect(link(.init(.guest(999, nodeHint: nil))) == "inventory_pending")
    #expect(link(.init(.guest(999, nodeHint: nil), cluster: "home")) == "not_found")
    #expect(link(.init(.node("pve9"), cluster: "away")) == "inventory_pending")
  }

  @Test func saysWhatThereIs() {
    let decision = ReverseLookup(inventory: Self.two)
      .explain(reference: .init(.node("nobody")))
    #expect(decision.steps[0].detail == "node nobody does not exist (known nodes: pve1, pve, pve, barn)")
  }
}
