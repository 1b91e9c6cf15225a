/// The credentials of a caller. `description` never contains secrets.
package enum ProxmoxCredentials: Hashable, Sendable, CustomStringConvertible {
  /// `id` is `user@realm!tokenid`.
  case token(id: String, secret: String)
  /// Ticket login; `username` includes its realm (`root@pam`).
  case password(username: String, password: String)

  /// Secrets that no message may contain, whatever a peer repeats.
  var secrets: [String] {
    switch self {
    case .token(_, let secret): [secret]
    case .password(_, let password): [password]
    }
  }

  package var description: String {
    switch self {
    case .token(let id, _): "token \(id)"
    case .password(let username, _): "user \(username)"
    }
  }
}
