/// An API token.
package struct SimulatedToken: Hashable, Sendable {
  /// `user@realm!tokenid`.
  package var id: String
  package var secret: String
  /// Its permissions; for a separated token, the intersection with its user's.
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

  /// The value of `Authorization`.
  package var header: String { "PVEAPIToken=\(id)=\(secret)" }
}

/// A user with a password, which can get tickets.
package struct SimulatedUser: Hashable, Sendable {
  /// `user@realm`.
  package var name: String
  /// Empty for one that cannot log in itself, only with its tokens.
  package var password: String
  package var permissions: Permissions
  /// The code for the second step of a login; nil without one.
  package var totpCode: String?
  /// If false, neither the user nor its tokens may log in.
  package var isEnabled = true

  package init(name: String, password: String, permissions: Permissions, totpCode: String? = nil) {
    (self.name, self.password, self.permissions, self.totpCode) = (name, password, permissions, totpCode)
  }
}
