import Diagnosis
import ProxmoxAPI

/// What has to be created in a cluster, so that the agent has its access. PVE itself decides whether a user or role
/// exists: no other program can come between a look and the call.
struct SetupPlan: Hashable, Sendable {
  let access: AgentAccess
  /// Whether the agent's token works, so that only rights may be missing.
  var keepsToken = false
  var replacesToken = false
  /// All grants of the cluster, as far as PVE shows them.
  var acl: [ACLEntry] = []

  /// In the order in which they depend on each other.
  var steps: [SetupStep] {
    let roles = access.grants.compactMap { grant in
      grant.privileges.map { SetupStep.role(grant.role, privileges: $0) }
    }
    let grants = access.grants.compactMap(step)
    if keepsToken { return (grants.isEmpty ? [] : roles) + grants }
    return [.user(access.user)] + roles
      + [.token(access.tokenName, user: access.user, replaces: replacesToken)] + grants
  }

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
