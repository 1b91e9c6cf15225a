// Roles, and what users and tokens have of them.
extension SimulatedCluster {
  /// Nil if there is no such role.
  func privileges(ofRole role: String) -> Set<String>? {
    switch role {
    case "PVEAuditor": Permissions.auditor(version).roles["/"]?.privileges
    case "Administrator": Permissions.privileges(version)
    case "NoAccess": []
    default: roles[role]
    }
  }

  /// What a token may do: one that follows its user only what both may.
  func permissions(of token: SimulatedToken) -> Permissions {
    guard token.followsItsUser else { return token.permissions }
    let user = users.first { token.id.hasPrefix("\($0.name)!") }?.permissions ?? .none
    return token.isSeparated ? user.intersection(token.permissions) : user
  }

  /// All roles of a holder on one path propagate as the last one that was granted does.
  mutating func grant(
    _ role: String, on path: String, users named: [String], tokens ids: [String], propagates: Bool, revoking: Bool
  ) {
    for index in users.indices where named.contains(users[index].name) {
      change(&users[index].permissions, role, path, propagates, revoking)
    }
    for index in tokens.indices where ids.contains(tokens[index].id) {
      change(&tokens[index].permissions, role, path, propagates, revoking)
    }
  }

  private func change(
    _ permissions: inout Permissions, _ role: String, _ path: String, _ propagates: Bool, _ revoking: Bool
  ) {
    var names = permissions.roles[path]?.names ?? []
    names.removeAll { $0 == role }
    if !revoking { names.append(role) }
    let privileges = names.reduce(into: Set<String>()) { $0.formUnion(self.privileges(ofRole: $1) ?? []) }
    permissions.roles[path] =
      names.isEmpty
      ? nil : Permissions.Role(privileges, propagates: propagates, name: names.joined(separator: ","))
  }
}

extension Permissions {
  /// The role Administrator on `/`.
  package static func administrator(_ version: PVEVersion) -> Permissions {
    Permissions(["/": Role(privileges(version), name: "Administrator")])
  }

  /// All privileges that a version knows, as far as the simulator asks for them.
  static func privileges(_ version: PVEVersion) -> Set<String> {
    let always: Set = [
      "Datastore.Audit", "Mapping.Audit", "Permissions.Modify", "Pool.Audit", "Realm.AllocateUser", "SDN.Audit",
      "SDN.Use", "Sys.Audit", "Sys.Modify", "Sys.PowerMgmt", "User.Modify", "VM.Audit", "VM.PowerMgmt",
    ]
    return always.union(version.major < 9 ? ["VM.Monitor"] : ["VM.GuestAgent.Audit", "VM.GuestAgent.Unrestricted"])
  }

  func intersection(_ other: Permissions) -> Permissions {
    let paths = Set(roles.keys).union(other.roles.keys)
    return Permissions(
      Dictionary(
        uniqueKeysWithValues: paths.map { path in
          let both = (role(on: path)?.privileges ?? []).intersection(other.role(on: path)?.privileges ?? [])
          return (path, Role(both))
        }))
  }
}

extension Permissions.Role {
  /// Of the roles that were added up.
  var names: [String] { name.split(separator: ",").map(String.init) }
}
