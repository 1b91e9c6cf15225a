import ProxmoxAPI

/// What the agent may do in a cluster, as far as PVE tells it.
struct Rights: Sendable {
  /// Of the token, or of the user who logs in.
  var own: EffectivePermissions
  /// What holds on the paths that are needed: each asked for, as a path without any right is not listed.
  var onPaths: [String: Set<String>]
  /// The same of the token's user; nil without a token, and where PVE does not tell.
  var user: [String: Set<String>]?
  /// Empty where PVE does not tell.
  var acl: [ACLEntry] = []
  /// Nil where PVE does not tell.
  var account: UserAccount?

  /// The roles that somebody of the agent's has on a path, or above it but below `/`.
  func roles(of principal: Principal, at path: String) -> [ACLEntry] {
    let groups = Set(account?.groups ?? [])
    return acl.filter { entry in
      guard entry.path != "/", entry.path == path || path.hasPrefix(entry.path + "/") else { return false }
      return switch entry.holder {
      case .user: entry.name == principal.user
      case .token: entry.name == principal.token
      case .group: groups.contains(entry.name)
      }
    }
  }

  var isEmpty: Bool { own.paths.values.allSatisfy(\.isEmpty) && onPaths.values.allSatisfy(\.isEmpty) }
}
