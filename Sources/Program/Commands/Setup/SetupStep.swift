import Diagnosis

/// One call of `setup` that changes PVE.
enum SetupStep: Hashable, Sendable {
  case user(String)
  case role(String, privileges: [String])
  /// With `replaces`, a token of that name is deleted first.
  case token(String, user: String, replaces: Bool)
  /// Without `propagates`, the role does not hold below the path.
  case grant(role: String, path: String, users: [String], tokens: [String], propagates: Bool = true)

  /// The call as `--dry-run` shows it.
  var call: String {
    switch self {
    case .user(let user): "POST /access/users userid=\(user) (kept if it exists)"
    case .role(let role, let privileges):
      "POST /access/roles roleid=\(role) privs=\(privileges.joined(separator: ",")) (kept if it exists)"
    case .token(let name, let user, let replaces):
      "POST /access/users/\(user)/token/\(name) privsep=1 "
        + (replaces ? "(one that exists is deleted before)" : "(an existing one ends the set-up)")
    case .grant(let role, let path, let users, let tokens, let propagates):
      "PUT /access/acl path=\(path) roles=\(role)\(Self.field("users", users))\(Self.field("tokens", tokens))"
        + (propagates ? "" : " propagate=0")
    }
  }

  /// What the step creates.
  var result: String {
    switch self {
    case .user(let user): "user \(user)"
    case .role(let role, let privileges): "role \(role) (\(privileges.joined(separator: ", ")))"
    case .token(let name, let user, _): "token \(user)!\(name)"
    case .grant(let role, let path, let users, let tokens, _):
      "\(role) on \(path) for \((users + tokens).joined(separator: " and "))"
    }
  }

  private static func field(_ name: String, _ values: [String]) -> String {
    values.isEmpty ? "" : " \(name)=\(values.joined(separator: ","))"
  }
}
