import ProxmoxInventory
import RouteModel
import RouteRegistry

extension Event.Payload {
  /// What a route's change is told as; nothing where a reader would see none.
  static func changes(from before: Route?, to entry: RegistrySnapshot.Entry) -> [Event.Payload] {
    let entry = entry.frozen
    guard let before else { return [.route(entry, isNew: true)] }
    var payloads: [Event.Payload] = []
    if !entry.route.hasSameLink(as: before) { payloads.append(.link(entry, before: before.link)) }
    let isOtherStatus = payloads.isEmpty && entry.route.link != before.link
    if !entry.route.looksSame(as: before) || isOtherStatus { payloads.append(.route(entry, isNew: false)) }
    return payloads
  }

  /// What a change of the inventory is told as. A cluster that is read for the first time is news as a whole, not
  /// guest by guest.
  static func changes(_ changes: InventoryChanges, before: InventorySnapshot) -> [Event.Payload] {
    let known = Set(before.clusters.filter(\.wasRead).map(\.name))
    return changes.clusters.map(Event.Payload.cluster)
      + changes.nodes.filter { known.contains($0.id.cluster) && $0.isVisible }.map(Event.Payload.node)
      + changes.guests.filter { known.contains($0.id.cluster) && $0.isVisible }.map(Event.Payload.guest)
  }
}

extension RegistrySnapshot.Entry {
  /// With the health of this moment, so that a reader who comes later is told the same.
  var frozen: RegistrySnapshot.Entry {
    var route = route
    route.health = HealthCell(route.health.report)
    return RegistrySnapshot.Entry(key: key, route: route)
  }
}

extension InventoryChanges.NodeChange {
  /// Whether a reader of `/v1/nodes` sees a difference.
  fileprivate var isVisible: Bool {
    guard let before, let after else { return true }
    return before.status != after.status || before.addresses != after.addresses
  }
}

extension InventoryChanges.GuestChange {
  /// Whether a reader of `/v1/guests` sees a difference.
  fileprivate var isVisible: Bool {
    guard let before, let after else { return true }
    return before.type != after.type || before.name != after.name || before.node != after.node
      || before.status != after.status || before.isTemplate != after.isTemplate || before.tags != after.tags
      || before.lock != after.lock || before.pool != after.pool || before.haState != after.haState
      || before.addresses.map(\.address) != after.addresses.map(\.address)
  }
}
