/// Who asks. Secrets never show in `description`.
package enum ProxmoxCredentials: Hashable, Sendable, CustomStringConvertible {
  /// `id` is `user@realm!tokenid`.
  case token(id: String, secret: String)
  /// Ticket login; `username` carries its realm (`root@pam`).
  case password(username: String, password: String)

  /// What no message may show, whatever a peer repeats.
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
