/// An API token.
package struct SimulatedToken: Hashable, Sendable {
  /// `user@realm!tokenid`.
  package var id: String
  package var secret: String
  /// What it may do: for a separated token, what both it and its user may.
  package var permissions: Permissions
  /// Whether its privileges are separated from its user's.
  package var isSeparated = true
  /// Whether it can never do more than its user. Made by the API, it always does.
  package var followsItsUser = false
  /// In seconds since 1970; 0 for never.
  package var expires = 0

  package init(id: String, secret: String, permissions: Permissions) {
    (self.id, self.secret, self.permissions) = (id, secret, permissions)
  }

  /// What a client sends as `Authorization`.
  package var header: String { "PVEAPIToken=\(id)=\(secret)" }
}

/// Somebody who can log in for a ticket.
package struct SimulatedUser: Hashable, Sendable {
  /// `user@realm`.
  package var name: String
  /// Empty for one that cannot log in itself, only with its tokens.
  package var password: String
  package var permissions: Permissions
  /// The code that the second step of a login must bring; nil where there is none.
  package var totpCode: String?
  /// Neither it nor its tokens may log in otherwise.
  package var isEnabled = true

  package init(name: String, password: String, permissions: Permissions, totpCode: String? = nil) {
    (self.name, self.password, self.permissions, self.totpCode) = (name, password, permissions, totpCode)
  }
}
