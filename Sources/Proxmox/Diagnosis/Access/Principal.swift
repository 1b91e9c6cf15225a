import ProxmoxAPI

/// Who the agent is to a cluster, as `pveum` names it.
struct Principal: Hashable, Sendable {
  /// `user@realm`.
  var user: String
  /// `user@realm!tokenid`; nil for a login with a password.
  var token: String?

  init(_ credentials: ProxmoxCredentials) {
    switch credentials {
    case .token(let id, _):
      user = String(id.prefix { $0 != "!" })
      token = id
    case .password(let username, _): user = username
    }
  }

  /// What stands behind the `!`.
  var tokenName: String? { token.flatMap { $0.split(separator: "!").last.map(String.init) } }

  /// root@pam may do everything, and no ACL can change that.
  var isRoot: Bool { user == "root@pam" }
}
