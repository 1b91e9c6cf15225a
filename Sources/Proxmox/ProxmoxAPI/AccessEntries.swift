import JSONDocument

/// One entry of `GET /access/acl`: a user's, group's or token's role on a path.
package struct ACLEntry: Hashable, Sendable {
  package enum Holder: String, Sendable { case user, group, token }

  package var path: String
  package var holder: Holder
  /// `user@realm`, a group, or `user@realm!tokenid`.
  package var name: String
  package var role: String
  /// Whether the role also applies below the path.
  package var propagates: Bool

  package init(path: String, holder: Holder, name: String, role: String, propagates: Bool = true) {
    (self.path, self.holder, self.name, self.role, self.propagates) = (path, holder, name, role, propagates)
  }

  init?(_ entry: JSONValue) {
    guard let path = entry["path"].nonEmptyString, let name = entry["ugid"].nonEmptyString,
      let role = entry["roleid"].nonEmptyString, let holder = entry["type"].string.flatMap(Holder.init)
    else { return nil }
    self.init(path: path, holder: holder, name: name, role: role, propagates: entry["propagate"].bool ?? true)
  }
}

/// `GET /access/users/{id}`.
package struct UserAccount: Hashable, Sendable {
  package struct Token: Hashable, Sendable {
    /// In seconds since 1970; nil for never.
    package var expires: Int?
    /// Whether the token only has privileges that both it *and* its user have.
    package var isSeparated: Bool

    package init(expires: Int? = nil, isSeparated: Bool = true) {
      (self.expires, self.isSeparated) = (expires, isSeparated)
    }
  }

  /// In seconds since 1970; nil for never.
  package var expires: Int?
  package var groups: [String]
  /// By the part of the token's name after the `!`.
  package var tokens: [String: Token]

  package init(expires: Int? = nil, groups: [String] = [], tokens: [String: Token] = [:]) {
    (self.expires, self.groups, self.tokens) = (expires, groups, tokens)
  }

  init?(_ data: JSONValue) {
    guard data.object != nil else { return nil }
    expires = Self.expiry(data["expire"])
    groups = data["groups"].array?.compactMap(\.string) ?? []
    tokens = (data["tokens"].object ?? [:]).mapValues { token in
      Token(expires: Self.expiry(token["expire"]), isSeparated: token["privsep"].bool ?? true)
    }
  }

  /// PVE writes 0 for "never".
  private static func expiry(_ value: JSONValue) -> Int? { value.time.flatMap { $0 > 0 ? $0 : nil } }
}
