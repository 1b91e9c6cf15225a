import ProxmoxAPI

/// What the agent may do in a cluster, as far as PVE tells it.
struct Rights: Sendable {
  /// The privileges of one user or token.
  struct Reach: Hashable, Sendable {
    /// Every path with rights of its own.
    var listed: EffectivePermissions
    /// What holds on the paths that are needed: each asked for, as a path without any right is not listed.
    var onPaths: [String: Set<String>]

    func privileges(on path: String) -> Set<String> { onPaths[path] ?? listed.privileges(on: path) }

    var isEmpty: Bool { listed.paths.values.allSatisfy(\.isEmpty) && onPaths.values.allSatisfy(\.isEmpty) }
  }

  /// Of the token, or of the user who logs in.
  var own: Reach
  /// Of the token's user; nil without a token, and where PVE does not tell.
  var user: Reach?
  /// Empty where PVE does not tell.
  var acl: [ACLEntry] = []
  /// Nil where PVE does not tell.
  var account: UserAccount?

  /// The entries for the agent's user, its groups and its token that take the place of what a path inherits from `/`.
  func entries(for principal: Principal, above path: String) -> [ACLEntry] {
    acl.filter { entry in
      let isOnTheWay = entry.path == path || path.hasPrefix(entry.path + "/")
      return entry.path != "/" && isOnTheWay && (isOfToken(entry, principal) || isOfUser(entry, principal))
    }
  }

  /// Where a role for the token, or for its user, takes effect on a path: beside the deepest entry that is there already,
  /// as a new entry below it would take its place.
  func grantPath(ofToken isToken: Bool, _ principal: Principal, on path: String) -> String {
    let entries = entries(for: principal, above: path)
      .filter { isToken ? isOfToken($0, principal) : isOfUser($0, principal) }
    return entries.map(\.path).max { $0.utf8.count < $1.utf8.count } ?? "/"
  }

  private func isOfToken(_ entry: ACLEntry, _ principal: Principal) -> Bool {
    entry.holder == .token && entry.name == principal.token
  }

  private func isOfUser(_ entry: ACLEntry, _ principal: Principal) -> Bool {
    switch entry.holder {
    case .user: entry.name == principal.user
    case .group: account?.groups.contains(entry.name) == true
    case .token: false
    }
  }
}
