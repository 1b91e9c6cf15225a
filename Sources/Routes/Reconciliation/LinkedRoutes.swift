import RouteModel

/// An index of routes by linked guest, and of routes without a link, updated link by link, so that the cost of a change
/// depends only on its size.
struct LinkedRoutes {
  private var byGuest: [GuestID: [RouteID]] = [:]
  /// Routes whose link is ambiguous or missing.
  private(set) var unresolved: Set<RouteID> = []
  /// The number of routes that link, or may link, to each guest.
  private var wants: [GuestID: Int] = [:]
  /// Guests that routes link to or may link to.
  private(set) var wanted: Set<GuestID> = []
  /// Counts the changes of ``wanted``.
  private(set) var wantedRevision = 0

  /// The routes that are linked to a guest.
  func routes(of guest: GuestID) -> [RouteID] { byGuest[guest] ?? [] }

  /// Forgets all links.
  mutating func clear() {
    let revision = wantedRevision
    self = LinkedRoutes()
    wantedRevision = revision + 1
  }

  mutating func replace(_ old: ProxmoxLink?, with new: ProxmoxLink?, of route: RouteID) {
    // Most changes of a guest do not affect the links of its routes.
    if case .linked(let left) = old, case .linked(let right) = new, left.guest == right.guest { return }
    if let old { remove(old, of: route) }
    if let new { add(new, of: route) }
  }

  private mutating func add(_ link: ProxmoxLink, of route: RouteID) {
    if let resource = link.resource {
      if let guest = resource.guest { byGuest[guest, default: []].append(route) }
    } else {
      unresolved.insert(route)
    }
    for guest in link.possibleGuests {
      wants[guest, default: 0] += 1
      if wanted.insert(guest).inserted { wantedRevision += 1 }
    }
  }

  private mutating func remove(_ link: ProxmoxLink, of route: RouteID) {
    if let resource = link.resource {
      if let guest = resource.guest {
        byGuest[guest]?.removeAll { $0 == route }
        if byGuest[guest]?.isEmpty ?? false { byGuest[guest] = nil }
      }
    } else {
      unresolved.remove(route)
    }
    for guest in link.possibleGuests {
      wants[guest, default: 1] -= 1
      guard wants[guest] == 0 else { continue }
      wants[guest] = nil
      wanted.remove(guest)
      wantedRevision += 1
    }
  }
}

extension ProxmoxLink {
  /// The linked guest, or the candidates of an ambiguous link.
  fileprivate var possibleGuests: [GuestID] {
    switch self {
    case .linked(let resource): resource.guest.map { [$0] } ?? []
    case .ambiguous(let candidates, _): candidates.compactMap(\.guest)
    case .unlinked: []
    }
  }
}
