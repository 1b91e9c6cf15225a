import JSONDocument

/// `GET /access/permissions`: what somebody may do, by path, with the inheritance of each privilege.
package struct EffectivePermissions: Hashable, Sendable {
  /// Privileges by path; the value tells whether the privilege holds below the path too.
  package var paths: [String: [String: Bool]]

  package init(_ paths: [String: [String: Bool]] = [:]) { self.paths = paths }

  init?(_ data: JSONValue) {
    guard let paths = data.object else { return nil }
    self.init(paths.compactMapValues { $0.object?.mapValues { $0.bool ?? false } })
  }

  /// What holds on a path: what is listed for it, else what the nearest listed path above hands down.
  package func privileges(on path: String) -> Set<String> {
    if let own = paths[path] { return Set(own.keys) }
    var above = path
    while above != "/" {
      above = Self.parent(of: above)
      if let inherited = paths[above] { return Set(inherited.filter(\.value).keys) }
    }
    return []
  }

  /// Whether a privilege holds on a guest. A path on which nothing is granted is not listed, so that NoAccess on a single
  /// guest shows only if its own path is asked for.
  package func grants(_ privilege: String, onGuest vmid: Int) -> Bool {
    privileges(on: "/vms/\(vmid)").contains(privilege)
  }

  /// Whether a privilege holds on any path.
  package func grantsAnywhere(_ privilege: String) -> Bool { paths.values.contains { $0[privilege] != nil } }

  private static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return "/" }
    return String(path[..<slash])
  }
}
