import ProxmoxAPI

/// The grants that a user or token needs, so that a need is met on a path.
struct GrantPlan {
  let principal: Principal
  let rights: Rights

  /// The token if it needs its own grants; nil without a token, and for one with all rights of its user.
  var separatedToken: String? {
    let token = principal.tokenName.flatMap { rights.account?.tokens[$0] }
    return token?.isSeparated == false ? nil : principal.token
  }

  /// Whether the token's user has the privilege, so that only the token lacks it.
  func userHas(_ need: PrivilegeNeed, on path: String) -> Bool {
    guard separatedToken != nil else { return false }
    return principal.isRoot || rights.user.map { need.isMet(by: $0.privileges(on: path)) } ?? false
  }

  /// One command line for each path that needs a grant.
  func lines(_ need: PrivilegeNeed, on path: String) -> [String] {
    var users: [String: [String]] = [:]
    var tokens: [String: [String]] = [:]
    if !userHas(need, on: path) { users[place(need, on: path, ofToken: false), default: []].append(principal.user) }
    if let token = separatedToken {
      let place = place(need, on: path, ofToken: true)
      let hasRole = rights.acl.contains { $0.path == place && $0.name == token && $0.role == need.role }
      // A token that has the role needs no grant: it is the user that lacks it.
      if !hasRole || users.isEmpty { tokens[place, default: []].append(token) }
    }
    return Set(users.keys).union(tokens.keys).sorted().map { path in
      GrantCommand.line(role: need.role, on: path, users: users[path] ?? [], tokens: tokens[path] ?? [])
    }
  }

  private func place(_ need: PrivilegeNeed, on path: String, ofToken isToken: Bool) -> String {
    // This role is for VMs only.
    if need.role == GrantCommand.monitorRole { return "/vms" }
    // If PVE does not show the ACL, a path whose rights differ from those of / must have an entry.
    guard rights.acl.isEmpty else { return rights.grantPath(ofToken: isToken, principal, on: path) }
    return isReplaced(need, on: path) || rights.own.privileges(on: path) != rights.own.privileges(on: "/") ? path : "/"
  }

  /// Whether the need would be met by the rights inherited from `/` if no deeper entry replaced them.
  func isReplaced(_ need: PrivilegeNeed, on path: String) -> Bool {
    guard path != "/" else { return false }
    let root = rights.own.listed.paths["/"] ?? [:]
    return ([need.privilege] + need.alternatives).contains { root[$0] == true }
  }
}
