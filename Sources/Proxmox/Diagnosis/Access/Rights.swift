import ProxmoxAPI

/// The agent's rights in a cluster, as far as PVE reports them.
struct Rights: Sendable {
  /// The privileges of one user or token.
  struct Reach: Hashable, Sendable {
    /// All paths with rights of their own.
    var listed: EffectivePermissions
    /// The privileges on the required paths, each queried separately, because a path without rights is not listed.
    var onPaths: [String: Set<String>]

    func privileges(on path: String) -> Set<String> { onPaths[path] ?? listed.privileges(on: path) }

    var isEmpty: Bool { listed.paths.values.allSatisfy(\.isEmpty) && onPaths.values.allSatisfy(\.isEmpty) }
  }

  /// The rights of the token, or of the user that logs in.
  var own: Reach
  /// The rights of the token's user; nil without a token, and if PVE does not report them.
  var user: Reach?
  /// Empty if PVE does not report it.
  var acl: [ACLEntry] = []
  /// Nil if PVE does not report it.
  var account: UserAccount?

  /// The entries for the agent's user, its groups and its token that replace what a path inherits from `/`.
  func entries(for principal: Principal, above path: String) -> [ACLEntry] {
    acl.filter { entry in
      let isOnTheWay = entry.path == path || path.hasPrefix(entry.path + "/")
      return entry.path != "/" && isOnTheWay && (isOfToken(entry, principal) || isOfUser(entry, principal))
    }
  }

  /// The path where a new role for the token, or for its user, takes effect: that of the deepest existing entry,
  /// because an entry below it would replace it.
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
