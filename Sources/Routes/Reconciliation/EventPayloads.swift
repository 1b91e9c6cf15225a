import ProxmoxInventory
import RouteModel
import RouteRegistry

extension Event.Payload {
  /// Events for a route's change; empty if no difference is visible.
  static func changes(from before: Route?, to entry: RegistrySnapshot.Entry) -> [Event.Payload] {
    guard let before else { return [.route(ReportedRoute(entry), isNew: true)] }
    let isRelinked = !entry.route.hasSameLink(as: before)
    let isShownChanged = !entry.route.isShownSame(as: before) || !isRelinked && entry.route.link != before.link
    guard isRelinked || isShownChanged else { return [] }
    let route = ReportedRoute(entry)
    return (isRelinked ? [.link(route, before: before.link)] : [])
      + (isShownChanged ? [.route(route, isNew: false)] : [])
  }

  /// Events for an inventory change. The first read of a cluster is one event, without events for its guests.
  static func changes(_ changes: InventoryChanges, before: InventorySnapshot) -> [Event.Payload] {
    let known = Set(before.clusters.filter(\.wasRead).map(\.name))
    return changes.clusters.map(Event.Payload.cluster)
      + changes.nodes.filter { known.contains($0.id.cluster) && $0.isVisible }.map(Event.Payload.node)
      + changes.guests.filter { known.contains($0.id.cluster) && $0.isVisible }.map(Event.Payload.guest)
  }
}

extension InventoryChanges.NodeChange {
  /// Whether the difference is visible in `/v1/nodes`.
  fileprivate var isVisible: Bool {
    guard let before, let after else { return true }
    return before.status != after.status || before.addresses != after.addresses
  }
}

extension InventoryChanges.GuestChange {
  /// Whether the difference is visible in `/v1/guests`.
  fileprivate var isVisible: Bool {
    guard let before, let after else { return true }
    return before.type != after.type || before.name != after.name || before.node != after.node
      || before.status != after.status || before.isTemplate != after.isTemplate || before.tags != after.tags
      || before.lock != after.lock || before.pool != after.pool || before.haState != after.haState
      || before.addresses.map(\.address) != after.addresses.map(\.address)
  }
}
