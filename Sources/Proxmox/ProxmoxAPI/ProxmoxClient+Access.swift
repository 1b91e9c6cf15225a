import HTTPTransport
import JSONDocument
import PrintableText

// The calls that give the agent its access, and take it away. A token may not call most of them: log in with a password.
extension ProxmoxClient {
  /// `POST /access/users`: needs Realm.AllocateUser on the realm and User.Modify on `/access/groups`. The user has no
  /// password. Throws an error that ``ProxmoxError/saysItExists`` if it is there.
  package func createUser(_ user: String, comment: String) async throws(ProxmoxError) {
    try await change(.post, "/access/users", [("userid", user), ("comment", comment)])
  }

  /// `DELETE /access/users/{userid}`: takes its tokens and grants along.
  package func deleteUser(_ user: String) async throws(ProxmoxError) {
    try await change(.delete, "/access/users/\(PercentCoding.encode(user))")
  }

  /// `POST /access/roles`: needs Sys.Modify on `/access`. Throws an error that ``ProxmoxError/saysItExists`` if it is
  /// there.
  package func createRole(_ role: String, privileges: [String]) async throws(ProxmoxError) {
    try await change(.post, "/access/roles", [("roleid", role), ("privs", privileges.joined(separator: ","))])
  }

  /// `DELETE /access/roles/{roleid}`.
  package func deleteRole(_ role: String) async throws(ProxmoxError) {
    try await change(.delete, "/access/roles/\(PercentCoding.encode(role))")
  }

  /// `POST /access/users/{userid}/token/{tokenid}`, with privileges separated from the user's: the secret, which PVE
  /// shows once. Throws an error that ``ProxmoxError/saysItExists`` if it is there.
  package func createToken(_ name: String, of user: String, comment: String) async throws(ProxmoxError) -> String {
    let fields = [("privsep", "1"), ("comment", comment)]
    // No part of a malformed answer is repeated: it may be the secret.
    let malformed = ProxmoxError.malformed(
      "wanted the new token's secret in 'value', found none: is the endpoint a PVE API?")
    let data: JSONValue
    do throws(ProxmoxError) {
      data = try await connection.change(.post, Self.path(ofToken: name, of: user), fields) { $0 }
    } catch {
      if case .malformed = error { throw malformed }
      throw error
    }
    let secret = data["value"].nonEmptyString ?? ""
    guard (1...256).contains(secret.utf8.count), secret.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
      throw malformed
    }
    return secret
  }

  /// `DELETE /access/users/{userid}/token/{tokenid}`: takes its grants along.
  package func deleteToken(_ name: String, of user: String) async throws(ProxmoxError) {
    try await change(.delete, Self.path(ofToken: name, of: user))
  }

  /// `PUT /access/acl`: needs Permissions.Modify on the path. Grants add up; one that is there stays.
  ///
  /// - Parameters:
  ///   - propagating: whether the role holds below the path, too.
  ///   - revoking: takes the role away instead.
  package func grant(
    _ role: String, on path: String, users: [String], tokens: [String], propagating: Bool = true, revoking: Bool = false
  ) async throws(ProxmoxError) {
    var fields = [("path", path), ("roles", role)]
    if !users.isEmpty { fields.append(("users", users.joined(separator: ","))) }
    if !tokens.isEmpty { fields.append(("tokens", tokens.joined(separator: ","))) }
    if !propagating { fields.append(("propagate", "0")) }
    if revoking { fields.append(("delete", "1")) }
    try await change(.put, "/access/acl", fields)
  }

  private static func path(ofToken name: String, of user: String) -> String {
    "/access/users/\(PercentCoding.encode(user))/token/\(PercentCoding.encode(name))"
  }

  private func change(
    _ method: HTTPRequest.Method, _ path: String, _ fields: [(String, String)] = []
  ) async throws(ProxmoxError) {
    _ = try await connection.change(method, path, fields) { $0 }
  }
}

extension ProxmoxError {
  /// Whether something could not be created because it is there: 500 `create user failed: user 'x' already exists`,
  /// 400 `tokenid: Token already exists.`
  package var saysItExists: Bool {
    switch self {
    case .server(_, let text), .badRequest(let text): text.contains("already exists")
    default: false
    }
  }

  /// Whether the call may have been carried out although it failed: the connection ended before the answer.
  package var mayHaveSucceeded: Bool {
    switch self {
    case .transport(.timedOut(let phase, _)): phase.hasSuffix("answer")
    case .transport(.connectionClosed), .transport(.malformedResponse), .transport(.bodyTooLarge), .malformed,
      .nodeUnreachable:
      true
    default: false
    }
  }
}
