import JSONDocument

/// `GET /access/permissions`: privileges by path, and whether each propagates.
package struct EffectivePermissions: Hashable, Sendable {
  /// Privileges by path; the value is whether the privilege also applies below the path.
  package var paths: [String: [String: Bool]]

  package init(_ paths: [String: [String: Bool]] = [:]) { self.paths = paths }

  init?(_ data: JSONValue) {
    guard let paths = data.object else { return nil }
    self.init(paths.compactMapValues { $0.object?.mapValues { $0.bool ?? false } })
  }

  /// The privileges on a path: those listed for it, else those propagated by the nearest listed path above.
  package func privileges(on path: String) -> Set<String> {
    if let own = paths[path] { return Set(own.keys) }
    var above = path
    while above != "/" {
      above = Self.parent(of: above)
      if let inherited = paths[above] { return Set(inherited.filter(\.value).keys) }
    }
    return []
  }

  /// Whether a privilege applies to a guest. Paths without privileges are not listed, so that NoAccess on a single
  /// guest is only visible if its own path is requested.
  package func grants(_ privilege: String, onGuest vmid: Int) -> Bool {
    privileges(on: "/vms/\(vmid)").contains(privilege)
  }

  /// Whether a privilege applies to any path.
  package func grantsAnywhere(_ privilege: String) -> Bool { paths.values.contains { $0[privilege] != nil } }

  private static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return "/" }
    return String(path[..<slash])
  }
}
