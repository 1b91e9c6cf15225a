/// `GET /access/permissions`: the caller's own privileges by path.
package struct GrantedPrivileges: Hashable, Sendable {
  /// `["/vms": ["VM.Audit"]]`. A privilege that is listed is granted, whatever its propagate flag.
  package var privileges: [String: Set<String>]

  init?(_ data: JSONValue) {
    guard let paths = data.object else { return nil }
    privileges = paths.compactMapValues { $0.object.map { Set($0.keys) } }
  }
}
