import RouteModel

extension Route {
  /// Whether both are shown the same in `/v1/routes`, apart from link and health.
  func isShownSame(as other: Route) -> Bool {
    pool == other.pool && scheme == other.scheme && target == other.target
      && excludedReason == other.excludedReason && restriction == other.restriction
  }

  /// Whether both links name the same resource in the same place for the same reason, regardless of the guest's status.
  func hasSameLink(as other: Route) -> Bool {
    switch (link, other.link) {
    case (.linked(let left), .linked(let right)):
      left.isSameResource(as: right) && left.node == right.node && left.guestName == right.guestName
        && left.matchedBy == right.matchedBy && left.matched == right.matched
    case (.ambiguous(let left, _), .ambiguous(let right, _)):
      left.count == right.count && zip(left, right).allSatisfy { $0.isSameResource(as: $1) }
    case (.unlinked(let left), .unlinked(let right)): left.code == right.code
    default: false
    }
  }
}

extension RouteDeclaration {
  /// Whether both declare the same, regardless of the position in the file.
  func isSame(as other: RouteDeclaration) -> Bool {
    var moved = other
    moved.location = location
    // A problem's text contains its position: a broken route that moved counts as changed.
    return moved == self
  }
}

extension LinkedResource {
  /// The name of a guest; nil for a node. Together with resource and node, it makes up the summary of the link.
  fileprivate var guestName: String? {
    if case .guest(_, _, let name, _, _) = identity { name } else { nil }
  }
}
