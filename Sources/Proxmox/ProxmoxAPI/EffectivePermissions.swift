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

  private static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return "/" }
    return String(path[..<slash])
  }
}
