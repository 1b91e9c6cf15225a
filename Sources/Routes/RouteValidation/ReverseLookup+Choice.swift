import ProxmoxInventory
import RouteModel

extension ReverseLookup {
  /// One match links. Of several, the only running guest wins; if none runs, the previous link stays; else nobody does.
  func choose(
    among matches: [LinkedResource], previous: LinkedResource?
  ) -> (link: ProxmoxLink, steps: [LinkStep]) {
    if matches.count == 1 { return chosen(matches[0], "the only match") }
    let running = matches.filter(isRunning)
    if running.count == 1 { return chosen(running[0], "the only one of \(matches.count) matches that runs") }
    if running.isEmpty, let stays = matches.first(where: { previous?.isSameResource(as: $0) ?? false }),
      stays.guest != nil
    {
      return chosen(stays, "none of \(matches.count) matches runs: the link before stays")
    }
    let reason = "\(matches.count) match: \(Self.listing(matches)); say which by proxmox: in the route"
    return (.ambiguous(matches, reason: reason), [LinkStep(.link, .ambiguous, reason)])
  }

  /// The matches by name, with their clusters where these differ.
  static func listing(_ matches: [LinkedResource]) -> String {
    let isOneCluster = Set(matches.map(\.cluster)).count == 1
    return matches.map { isOneCluster ? $0.summary : "\($0.summary) in \($0.cluster)" }.joined(separator: ", ")
  }

  private func chosen(_ resource: LinkedResource, _ why: String) -> (link: ProxmoxLink, steps: [LinkStep]) {
    (.linked(resource), [LinkStep(.link, .chosen, "\(resource.summary): \(why)")])
  }

  /// PVE says `running` of a guest for five minutes after its node went away: an offline node runs nothing.
  private func isRunning(_ resource: LinkedResource) -> Bool {
    guard case .guest(_, _, _, _, let status) = resource.identity, status.isRunning else { return false }
    return inventory.node(resource.node)?.status != .offline
  }
}
