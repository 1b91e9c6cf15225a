import HTTPTransport
import JSONDocument
import PrintableText

// Calls for diagnosis only.
extension ProxmoxClient {
  /// `GET /access/users/{id}`: needs Sys.Audit or User.Modify on `/access/groups`.
  package func account(of user: String) async throws(ProxmoxError) -> UserAccount {
    try await connection.get("/access/users/\(PercentCoding.encode(user))", as: UserAccount.init)
  }

  /// `GET /access/acl`: without Sys.Audit on `/access`, only the paths on which the caller may change permissions.
  package func accessControlList() async throws(ProxmoxError) -> [ACLEntry] {
    try await connection.get("/access/acl") { $0.array.map { $0.compactMap(ACLEntry.init) } }
  }

  /// `GET /nodes/{n}/time`, in seconds since 1970: needs Sys.Audit on `/nodes/{n}`.
  package func clock(node: String) async throws(ProxmoxError) -> Int {
    // PVE's schema limits the value to times after the day on which it was written.
    try await connection.get(node: node, "/time") { data in
      data["time"].time.flatMap { $0 > 1_297_163_644 ? $0 : nil }
    }
  }
}
