import Diagnosis
import ProxmoxAPI

/// What has to be created in a cluster, so that the agent has its access. PVE itself decides whether a user or role
/// exists: no other program can come between a check and the call.
struct SetupPlan: Hashable, Sendable {
  let access: AgentAccess
  /// Whether the agent's token works, so that only rights may be missing.
  var keepsToken = false
  var replacesToken = false
  /// All grants of the cluster, as far as PVE shows them.
  var acl: [ACLEntry] = []

  /// In the order in which they depend on each other.
  var steps: [SetupStep] {
    let roles = needs.compactMap { grant in
      grant.privileges.map { SetupStep.role(grant.role, privileges: $0) }
    }
    let grants = needs.compactMap(step)
    if keepsToken { return (grants.isEmpty ? [] : roles) + grants }
    return [.user(access.user)] + roles
      + [.token(access.tokenName, user: access.user, replaces: replacesToken)] + grants + otherGrants
  }

  /// A grant that is there but does not hold below its path. Granting it again would widen it, and taking that back
  /// would remove it.
  var narrowGrant: ACLEntry? {
    acl.first { entry in
      let isKept = isUsers(entry) || (keepsToken && isTokens(entry))
      return isKept && !entry.propagates && needs.contains { $0.path == entry.path && $0.role == entry.role }
    }
  }

  /// From PVE 9 on, a role on /vms, such as that for PVE 8, hides there the one on /.
  private var needs: [AgentAccess.Grant] {
    let hides = acl.contains { $0.path == "/vms" && (isUsers($0) || isTokens($0)) }
    guard access.version >= 9, hides else { return access.grants }
    return access.grants.flatMap { grant in
      var below = grant
      below.path = "/vms"
      return [grant, below]
    }
  }

  /// What else a token had: PVE deletes its grants with it.
  private var otherGrants: [SetupStep] {
    guard replacesToken else { return [] }
    return acl.filter { entry in
      isTokens(entry) && !needs.contains { $0.path == entry.path && $0.role == entry.role }
    }.map {
      .grant(role: $0.role, path: $0.path, users: [], tokens: [access.tokenID], propagates: $0.propagates)
    }
  }

  private func isUsers(_ entry: ACLEntry) -> Bool { entry.holder == .user && entry.name == access.user }
  private func isTokens(_ entry: ACLEntry) -> Bool { entry.holder == .token && entry.name == access.tokenID }

  /// Nil if both have the role. Rights of root@pam cannot be granted.
  private func step(_ grant: AgentAccess.Grant) -> SetupStep? {
    let needsUser = access.user != "root@pam" && !has(grant, .user, access.user)
    let needsToken = !keepsToken || !has(grant, .token, access.tokenID)
    guard needsUser || needsToken else { return nil }
    return .grant(
      role: grant.role, path: grant.path, users: needsUser ? [access.user] : [],
      tokens: needsToken ? [access.tokenID] : [])
  }

  private func has(_ grant: AgentAccess.Grant, _ holder: ACLEntry.Holder, _ name: String) -> Bool {
    acl.contains {
      $0.path == grant.path && $0.role == grant.role && $0.holder == holder && $0.name == name && $0.propagates
    }
  }
}
