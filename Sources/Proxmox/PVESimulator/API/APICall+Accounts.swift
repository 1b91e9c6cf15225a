// What changes users, tokens, roles and grants below `/access`.
extension APICall {
  private func parameter(_ name: String) throws(Refusal) -> String {
    guard let value = request.parameters[name], !value.isEmpty else {
      throw .invalid(name, "property is missing and it is not optional")
    }
    return value
  }

  private func names(_ parameter: String) -> [String] {
    (request.parameters[parameter] ?? "").split(separator: ",").map(String.init)
  }

  private var done: PVEJSONWriter {
    var writer = PVEJSONWriter()
    writer.null()
    return writer
  }

  func createUser() throws(Refusal) -> PVEJSONWriter {
    let user = try parameter("userid")
    let realm = user.split(separator: "@").last.map(String.init) ?? ""
    try require(["Realm.AllocateUser"], on: "/access/realm/\(realm)")
    try require(["User.Modify"], on: "/access/groups")
    guard !cluster.users.contains(where: { $0.name == user }) else {
      throw .failed("create user failed: user '\(user)' already exists")
    }
    update { $0.users.append(SimulatedUser(name: user, password: "", permissions: .none)) }
    return done
  }

  func deleteUser(_ user: String) throws(Refusal) -> PVEJSONWriter {
    try require(["User.Modify"], on: "/access/groups")
    update { cluster in
      cluster.users.removeAll { $0.name == user }
      cluster.tokens.removeAll { $0.id.hasPrefix("\(user)!") }
    }
    return done
  }

  func createToken(_ user: String, _ name: String) throws(Refusal) -> PVEJSONWriter {
    try requireTokens(of: user)
    guard cluster.users.contains(where: { $0.name == user }) else {
      throw Refusal(status: 403, reason: "Permission check failed")
    }
    let id = "\(user)!\(name)"
    guard !cluster.tokens.contains(where: { $0.id == id }) else { throw .invalid("tokenid", "Token already exists.") }
    let secret =
      "\(String(UInt64.random(in: .min ... .max), radix: 16))-\(String(UInt64.random(in: .min ... .max), radix: 16))"
    var token = SimulatedToken(id: id, secret: secret, permissions: .none)
    token.isSeparated = request.parameters["privsep"] != "0"
    token.followsItsUser = true
    update { $0.tokens.append(token) }
    var writer = PVEJSONWriter()
    writer.object { writer in
      writer.field("full-tokenid", id)
      writer.field("value", secret)
      writer.key("info")
      writer.object { $0.field("privsep", token.isSeparated ? "1" : "0") }
    }
    return writer
  }

  func deleteToken(_ user: String, _ name: String) throws(Refusal) -> PVEJSONWriter {
    try requireTokens(of: user)
    guard cluster.tokens.contains(where: { $0.id == "\(user)!\(name)" }) else {
      throw .failed("no such token '\(name)' for user '\(user)'")
    }
    update { $0.tokens.removeAll { $0.id == "\(user)!\(name)" } }
    return done
  }

  /// The user itself, by ticket.
  private func requireTokens(of user: String) throws(Refusal) {
    if caller.isToken || caller.name != user { try require(["User.Modify"], on: "/access/groups") }
  }

  func createRole() throws(Refusal) -> PVEJSONWriter {
    try require(["Sys.Modify"], on: "/access")
    let role = try parameter("roleid")
    let privileges = (request.parameters["privs"] ?? "").split { $0 == "," || $0 == " " }.map(String.init)
    if role.lowercased().hasPrefix("pve") { throw .invalid("roleid", "role IDs must not start with 'PVE'") }
    for privilege in privileges where !Permissions.privileges(cluster.version).contains(privilege) {
      throw .invalid("privs", "invalid format - invalid privilege '\(privilege)'")
    }
    guard cluster.privileges(ofRole: role) == nil else {
      throw .failed("create role failed: role '\(role)' already exists")
    }
    update { $0.roles[role] = Set(privileges) }
    return done
  }

  func deleteRole(_ role: String) throws(Refusal) -> PVEJSONWriter {
    try require(["Sys.Modify"], on: "/access")
    update { $0.roles[role] = nil }
    return done
  }

  /// Roles on one path add up.
  func changeAccessControlList() throws(Refusal) -> PVEJSONWriter {
    let (path, roles) = (try parameter("path"), names("roles"))
    try require(["Permissions.Modify"], on: path)
    for role in roles where cluster.privileges(ofRole: role) == nil {
      throw .failed("ACL update failed: role '\(role)' does not exist")
    }
    let (users, tokens) = (names("users"), names("tokens"))
    for user in users where !cluster.users.contains(where: { $0.name == user }) {
      throw .failed("ACL update failed: user '\(user)' does not exist")
    }
    for token in tokens where !cluster.tokens.contains(where: { $0.id == token }) {
      throw .failed("ACL update failed: no such token '\(token)'")
    }
    let isDeletion = request.parameters["delete"] == "1"
    let propagates = request.parameters["propagate"] != "0"
    update { cluster in
      for role in roles {
        cluster.grant(role, on: path, users: users, tokens: tokens, propagates: propagates, revoking: isDeletion)
      }
    }
    return done
  }
}
