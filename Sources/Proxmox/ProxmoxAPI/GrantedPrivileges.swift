/// `GET /access/permissions`: the caller's own privileges by path.
package struct GrantedPrivileges: Hashable, Sendable {
  /// `["/vms": ["VM.Audit"]]`. A privilege that is listed is granted, whatever its propagate flag.
  package var privileges: [String: Set<String>]

  init?(_ data: JSONValue) {
    guard let paths = data.object else { return nil }
    privileges = paths.compactMapValues { $0.object.map { Set($0.keys) } }
  }

  /// Whether a privilege holds on a guest: as its own path says, else `/vms`, else `/`. PVE lists a pool's guests by
  /// their own paths.
  package func grants(_ privilege: String, onGuest vmid: Int) -> Bool {
    let granted = privileges["/vms/\(vmid)"] ?? privileges["/vms"] ?? privileges["/"]
    return granted?.contains(privilege) ?? false
  }
}
