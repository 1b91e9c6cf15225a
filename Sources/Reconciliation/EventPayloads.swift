import ProxmoxInventory
import RouteModel
import RouteRegistry

extension Event.Payload {
  /// What a route's change is told as; nothing where a reader would see none.
  static func changes(from before: Route?, to entry: RegistrySnapshot.Entry) -> [Event.Payload] {
    guard let before else { return [.route(entry, isNew: true)] }
    var payloads: [Event.Payload] = []
    if !entry.route.hasSameLink(as: before) { payloads.append(.link(entry, before: before.link)) }
    let isOtherStatus = payloads.isEmpty && entry.route.link != before.link
    if !entry.route.hasSameSubstance(as: before) || isOtherStatus { payloads.append(.route(entry, isNew: false)) }
    return payloads
  }

  /// What a change of the inventory is told as. A cluster that is read for the first time is news as a whole, not
  /// guest by guest.
  static func changes(_ changes: InventoryChanges, before: InventorySnapshot) -> [Event.Payload] {
    let known = Set(before.clusters.filter(\.wasRead).map(\.name))
    return changes.nodes.filter { known.contains($0.id.cluster) }.map(Event.Payload.node)
      + changes.guests.filter { known.contains($0.id.cluster) }.map(Event.Payload.guest)
  }
}
