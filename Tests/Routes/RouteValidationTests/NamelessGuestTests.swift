import ProxmoxInventory
import RouteModel
import RouteValidation
import Testing

/// Guests without a name in PVE, as while their node's pvestatd does not report.
@Suite struct NamelessGuestTests {
  private func inventory(isNameless: Bool) -> InventorySnapshot {
    var cluster = Lab.inventory([Lab.node("pve1", "10.0.0.11")], [Lab.guest(105, isNameless ? nil : "plex")]).clusters[
      0]
    cluster.hasNamelessGuests = isNameless
    return InventorySnapshot(clusters: [cluster], generation: 2)
  }

  @Test(arguments: [true, false]) func concludesNothingFromThem(isNameless: Bool) throws {
    let route = RouteValidator(inventory: inventory(isNameless: isNameless)).validate(try Lab.declaration("jellyfin"))
    guard case .unlinked(let reason) = route.link else {
      Issue.record("\(route.link)")
      return
    }
    #expect(reason.code == (isNameless ? .inventoryPending : .noMatch))
    if isNameless { #expect(route.plan.candidates.isEmpty, "no target, and so not this machine") }
  }
}
