/// The permissions of an identity: roles on paths, as in PVE's ACL.
package struct Permissions: Hashable, Sendable {
  package struct Role: Hashable, Sendable {
    package var name = "Custom"
    package var privileges: Set<String>
    /// Whether the role also applies below its path.
    package var propagates: Bool

    package init(_ privileges: Set<String>, propagates: Bool = true, name: String = "Custom") {
      (self.privileges, self.propagates, self.name) = (privileges, propagates, name)
    }

    /// Denies inherited roles, and those granted by a pool.
    package static let noAccess = Role([], name: "NoAccess")
  }

  /// By ACL path, such as `/` or `/vms/101`.
  package var roles: [String: Role]

  package init(_ roles: [String: Role] = [:]) { self.roles = roles }

  /// No permissions.
  package static let none = Permissions()

  /// The role PVEAuditor on `/`. Below PVE 9, it does not include guest agents.
  package static func auditor(_ version: PVEVersion) -> Permissions {
    Permissions(["/": Role(auditorPrivileges(version))])
  }

  /// All read permissions: PVEAuditor on `/`, and below PVE 9 a role with VM.Monitor on `/vms` that repeats VM.Audit.
  package static func readsEverything(_ version: PVEVersion) -> Permissions {
    var permissions = auditor(version)
    if version.major < 9 { permissions.roles["/vms"] = Role(["VM.Audit", "VM.Monitor"]) }
    return permissions
  }

  private static func auditorPrivileges(_ version: PVEVersion) -> Set<String> {
    let always: Set = ["VM.Audit", "Sys.Audit", "SDN.Audit", "Pool.Audit", "Datastore.Audit", "Mapping.Audit"]
    return version.major < 9 ? always : always.union(["VM.GuestAgent.Audit"])
  }

  /// The role that applies on a path: one on a deeper path replaces those above it.
  func role(on path: String) -> Role? {
    if let own = roles[path] { return own }
    var path = Substring(path)
    while let slash = path.lastIndex(of: "/"), path != "/" {
      path = slash == path.startIndex ? "/" : path[..<slash]
      if let inherited = roles[String(path)], inherited.propagates { return inherited }
    }
    return nil
  }

  func grants(_ privilege: String, on path: String) -> Bool {
    role(on: path)?.privileges.contains(privilege) ?? false
  }
}
