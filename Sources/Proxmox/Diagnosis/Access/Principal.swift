import ProxmoxAPI

/// The agent's user and token in a cluster, as `pveum` names them.
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

  /// The part after the `!`.
  var tokenName: String? { token.flatMap { $0.split(separator: "!").last.map(String.init) } }

  /// root@pam has all rights, and no ACL can change that.
  var isRoot: Bool { user == "root@pam" }
}
