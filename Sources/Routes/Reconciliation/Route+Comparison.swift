import RouteModel

extension Route {
  /// Whether a reader of the registry would see no difference; health apart.
  func isSame(as other: Route) -> Bool {
    hasSameSubstance(as: other) && link == other.link && noTargetReason == other.noTargetReason
      && declaration.isSame(as: other.declaration)
  }

  /// Whether all but the link is the same.
  private func hasSameSubstance(as other: Route) -> Bool {
    looksSame(as: other) && trust == other.trust && healthCheck == other.healthCheck
  }

  /// Whether a reader of `/v1/routes` sees the same; link and health apart.
  func looksSame(as other: Route) -> Bool {
    pool == other.pool && scheme == other.scheme && target == other.target
      && excludedReason == other.excludedReason && restriction == other.restriction
  }

  /// Whether both links name the same resource in the same place for the same reason; the guest's status apart.
  func hasSameLink(as other: Route) -> Bool {
    switch (link, other.link) {
    case (.linked(let left), .linked(let right)):
      left.isSameResource(as: right) && left.node == right.node && left.summary == right.summary
        && left.matchedBy == right.matchedBy && left.matched == right.matched
    case (.ambiguous(let left, _), .ambiguous(let right, _)):
      left.count == right.count && zip(left, right).allSatisfy { $0.isSameResource(as: $1) }
    case (.unlinked(let left), .unlinked(let right)): left.code == right.code
    default: false
    }
  }
}

extension RouteDeclaration {
  /// Whether both state the same, wherever in the file.
  func isSame(as other: RouteDeclaration) -> Bool {
    var moved = other
    moved.location = location
    // A problem's text holds its place: a broken route that moved is told anew.
    return moved == self
  }
}
