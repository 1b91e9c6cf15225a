import ProxmoxInventory
import RouteModel

extension ReverseLookup {
  /// Selects the link from several matches, or explains why there is none.
  func choose(
    among matches: [LinkedResource.Identity], previous: LinkedResource?
  ) -> (chosen: LinkedResource.Identity?, why: String) {
    if matches.count == 1 { return (matches[0], "the only match") }
    let running = matches.filter(isRunning)
    if running.count == 1 { return (running[0], "the only one of \(matches.count) matches that runs") }
    if running.isEmpty, previous?.guest != nil,
      let stays = matches.first(where: { previous?.identity.isSameResource(as: $0) ?? false })
    {
      return (stays, "none of \(matches.count) matches runs: the link before stays")
    }
    return (nil, "\(matches.count) match: \(Self.listing(matches)); say which by proxmox: in the route")
  }

  /// The matches by name, with their clusters if these differ.
  static func listing(_ matches: [LinkedResource]) -> String { listing(matches.map(\.identity)) }

  private static func listing(_ matches: [LinkedResource.Identity]) -> String {
    let isOneCluster = Set(matches.map(\.cluster)).count == 1
    return matches.map { isOneCluster ? $0.summary : "\($0.summary) in \($0.cluster)" }.joined(separator: ", ")
  }

  /// PVE reports `running` for a guest for five minutes after its node went away: an offline node runs nothing.
  private func isRunning(_ resource: LinkedResource.Identity) -> Bool {
    guard let status = resource.guestStatus, status.isRunning else { return false }
    return inventory.node(resource.node)?.status != .offline
  }
}
