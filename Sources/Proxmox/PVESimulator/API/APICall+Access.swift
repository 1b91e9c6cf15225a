import FoundationEssentials

// `/access`, and the clocks of the nodes.
extension APICall {
  /// Available without a login.
  func realms() -> PVEJSONWriter {
    var writer = PVEJSONWriter()
    writer.objects(["pam", "pve"]) { writer, realm in
      writer.field("realm", realm)
      writer.field("type", realm)
      if realm == "pam" { writer.field("default", 1) }
    }
    return writer
  }

  /// Per path, each privilege and whether it propagates; the caller's own, or for auditors those of others.
  func permissions() throws(Refusal) -> PVEJSONWriter {
    var permissions = caller.permissions
    if let user = request.parameters["userid"], user != caller.name {
      try require(["Sys.Audit"], on: "/access")
      permissions = self.permissions(of: user)
    }
    let shown = ["/", "/access", "/nodes", "/pool", "/sdn", "/storage", "/vms"]
    // Also the privileges on the guests of its pools.
    let pooled = cluster.guests.filter { guest in
      guest.pool.map { permissions.roles["/pool/\($0)"] != nil } ?? false
    }.map { "/vms/\($0.vmid)" }
    let paths = request.parameters["path"].map { [$0] } ?? Set(shown + pooled).union(permissions.roles.keys).sorted()
    var writer = PVEJSONWriter()
    writer.object { writer in
      for path in paths {
        let privileges = privileges(of: permissions, on: path)
        if privileges.isEmpty { continue }
        let propagates = permissions.role(on: path)?.propagates ?? true
        writer.key(path)
        writer.object { writer in
          for privilege in privileges.sorted() { writer.field(privilege, propagates) }
        }
      }
    }
    return writer
  }

  /// A user that is not simulated has the permissions of its tokens.
  private func permissions(of user: String) -> Permissions {
    cluster.users.first { $0.name == user }?.permissions
      ?? cluster.tokens.first { $0.id == user || $0.id.hasPrefix("\(user)!") }.map(cluster.permissions) ?? .none
  }

  func account(_ user: String) throws(Refusal) -> PVEJSONWriter {
    try require(["User.Modify", "Sys.Audit"], on: "/access/groups")
    let tokens = cluster.tokens.filter { $0.id.hasPrefix("\(user)!") }
    guard !tokens.isEmpty || cluster.users.contains(where: { $0.name == user }) else {
      throw .failed("no such user ('\(user)')")
    }
    var writer = PVEJSONWriter()
    writer.object { writer in
      writer.field("enable", cluster.users.first { $0.name == user }?.isEnabled ?? true)
      writer.field("expire", 0)
      writer.key("tokens")
      writer.object { writer in
        for token in tokens {
          writer.key(String(token.id.dropFirst(user.count + 1)))
          writer.object { writer in
            writer.field("privsep", token.isSeparated)
            writer.field("expire", token.expires)
          }
        }
      }
    }
    return writer
  }

  /// Empty for callers without audit permission.
  func accessControlList() -> PVEJSONWriter {
    let holders =
      cluster.users.map { ("user", $0.name, $0.permissions) } + cluster.tokens.map { ("token", $0.id, $0.permissions) }
    let entries = holders.flatMap { type, name, permissions in
      permissions.roles.sorted { $0.key < $1.key }.flatMap { path, role in
        role.names.map { (type: type, name: name, path: path, role: $0, propagates: role.propagates) }
      }
    }
    var writer = PVEJSONWriter()
    writer.objects(may("Sys.Audit", on: "/access") ? entries : []) { writer, entry in
      writer.field("path", entry.path)
      writer.field("type", entry.type)
      writer.field("ugid", entry.name)
      writer.field("roleid", entry.role)
      writer.field("propagate", entry.propagates)
    }
    return writer
  }

  func clock(_ name: String) throws(Refusal) -> PVEJSONWriter {
    try require(["Sys.Audit"], on: "/nodes/\(name)")
    let node = try target(name)
    let time = Int(Date().timeIntervalSince1970) + node.clockOffset
    var writer = PVEJSONWriter()
    writer.object { writer in
      writer.field("timezone", "Etc/UTC")
      writer.field("time", time)
      writer.field("localtime", time)
    }
    return writer
  }
}
