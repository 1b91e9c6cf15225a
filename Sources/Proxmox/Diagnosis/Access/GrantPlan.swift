import ProxmoxAPI

/// Who has to be given a role, and where, so that a need is met on a path.
struct GrantPlan {
  let principal: Principal
  let rights: Rights

  /// The token, where it needs grants of its own; nil without a token, and for one with all rights of its user.
  var separatedToken: String? {
    let token = principal.tokenName.flatMap { rights.account?.tokens[$0] }
    return token?.isSeparated == false ? nil : principal.token
  }

  /// Whether the token's user may it already, so that only the token lacks it.
  func userHas(_ need: PrivilegeNeed, on path: String) -> Bool {
    guard separatedToken != nil else { return false }
    return principal.isRoot || rights.user.map { need.isMet(by: $0.privileges(on: path)) } ?? false
  }

  /// A line for each path on which a role is to be given.
  func lines(_ need: PrivilegeNeed, on path: String) -> [String] {
    var users: [String: [String]] = [:]
    var tokens: [String: [String]] = [:]
    if !userHas(need, on: path) { users[place(need, on: path, ofToken: false), default: []].append(principal.user) }
    if let token = separatedToken {
      let place = place(need, on: path, ofToken: true)
      let hasRole = rights.acl.contains { $0.path == place && $0.name == token && $0.role == need.role }
      // What it has already need not be given again; its user is what lacks it then.
      if !hasRole || users.isEmpty { tokens[place, default: []].append(token) }
    }
    return Set(users.keys).union(tokens.keys).sorted().map { path in
      Grant.line(role: need.role, on: path, users: users[path] ?? [], tokens: tokens[path] ?? [])
    }
  }

  private func place(_ need: PrivilegeNeed, on path: String, ofToken isToken: Bool) -> String {
    // Its role is for VMs alone.
    if need.role == Grant.monitorRole { return "/vms" }
    // Where PVE does not show its entries, a path with rights unlike those of / must have some.
    guard rights.acl.isEmpty else { return rights.grantPath(ofToken: isToken, principal, on: path) }
    return isReplaced(need, on: path) || rights.own.privileges(on: path) != rights.own.privileges(on: "/") ? path : "/"
  }

  /// Whether the need would be met by what `/` hands down, were there nothing in between.
  func isReplaced(_ need: PrivilegeNeed, on path: String) -> Bool {
    guard path != "/" else { return false }
    let root = rights.own.listed.paths["/"] ?? [:]
    return ([need.privilege] + need.alternatives).contains { root[$0] == true }
  }
}
