import ProxmoxInventory
import RouteModel
import RouteValidation
import Testing

@Suite struct LinkKeyTests {
  @Test func aChangeSharesAKeyWithEveryRouteThatItCanMove() throws {
    let guest = Lab.guest(105, "Plex.home.example", "10.0.0.50")
    let change = LinkKey.keys(of: InventoryChanges.GuestChange(id: guest.id, before: nil, after: guest))
    let touched = [
      try Lab.declaration("plex"), try Lab.declaration("x", host: "10.0.0.50"),
      try Lab.declaration("x", host: "plex.home.example"),
      try Lab.declaration("x", proxmox: .init(.guest(105, nodeHint: nil))),
    ]
    for declaration in touched { #expect(!LinkKey.keys(of: declaration).isDisjoint(with: change)) }
    let others = [
      try Lab.declaration("wiki", host: "10.0.0.51"), try Lab.declaration("plex", proxmox: .init(.node("pve1"))),
    ]
    for declaration in others { #expect(LinkKey.keys(of: declaration).isDisjoint(with: change)) }
  }

  @Test func aNodeTouchesByNameAndAddress() throws {
    let node = Lab.node("pve1", "10.0.0.11")
    let change = LinkKey.keys(of: InventoryChanges.NodeChange(id: node.id, before: node, after: nil))
    #expect(!LinkKey.keys(of: try Lab.declaration("pve1.home.example")).isDisjoint(with: change))
    #expect(!LinkKey.keys(of: try Lab.declaration("x", proxmox: .init(.node("PVE1")))).isDisjoint(with: change))
    #expect(!LinkKey.keys(of: try Lab.declaration("x", host: "10.0.0.11")).isDisjoint(with: change))
  }
}
