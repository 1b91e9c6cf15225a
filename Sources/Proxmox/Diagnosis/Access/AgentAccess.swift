package import ProxmoxAPI

/// The access that an agent needs in a cluster: a user, a token of its own, and what both may do.
package struct AgentAccess: Hashable, Sendable {
  /// A role on a path, for the user and for the token: a separated token has only the rights of both.
  package struct Grant: Hashable, Sendable {
    package var path: String
    package var role: String
    /// The privileges of a role that PVE does not bring along; nil for a built-in role.
    package var privileges: [String]?
  }

  /// `user@realm`.
  package var user: String
  /// The part of the token's name after the `!`.
  package var tokenName: String
  /// PVE's major version.
  package var version: Int

  package init(user: String, tokenName: String, version: Int) {
    (self.user, self.tokenName, self.version) = (user, tokenName, version)
  }

  package var tokenID: String { "\(user)!\(tokenName)" }

  /// From PVE 9 on, auditors may ask guest agents. Before, that takes VM.Monitor, and the role repeats VM.Audit because
  /// it replaces on /vms what is inherited.
  package var grants: [Grant] {
    let reading = Grant(path: "/", role: GrantCommand.auditorRole, privileges: nil)
    if version >= 9 { return [reading] }
    let agents = Grant(path: "/vms", role: GrantCommand.monitorRole, privileges: ["VM.Audit", "VM.Monitor"])
    return [reading, agents]
  }

  /// The `pveum` lines that give this access. The second one prints the token's secret.
  package var commands: [String] {
    let roles = grants.compactMap { grant in
      grant.privileges.map { "pveum role add \(grant.role) --privs '\($0.joined(separator: " "))'" }
    }
    return [
      "pveum user add \(ShellWord.quote(user))",
      "pveum user token add \(ShellWord.quote(user)) \(ShellWord.quote(tokenName)) --privsep 1",
    ] + roles
      + grants.map { GrantCommand.line(role: $0.role, on: $0.path, users: [user], tokens: [tokenID]) }
  }

  /// What the caller of a client lacks of these rights, as `VM.Audit on /vms`.
  package func missing(of client: ProxmoxClient) async throws(ProxmoxError) -> [String] {
    let needs = PrivilegeNeed.all(version: version)
    var missing: [String] = []
    for path in PrivilegeNeed.paths {
      let held = try await client.effectivePermissions(on: path).privileges(on: path)
      missing += needs.filter { $0.path == path && !$0.isMet(by: held) }.map { "\($0.privilege) on \(path)" }
    }
    return missing
  }
}
