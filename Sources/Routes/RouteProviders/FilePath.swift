/// Paths as text: nothing here looks at the disk.
package enum FilePath {
  /// A path as seen from a folder; an absolute one stays.
  package static func join(_ folder: String, _ path: String) -> String {
    normalise(path.hasPrefix("/") || folder.isEmpty ? path : "\(folder)/\(path)")
  }

  /// Without `.`, `..` and doubled slashes, as far as that is possible. The current folder is an empty text.
  static func normalise(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == "..", let last = parts.last, last != ".." {
        parts.removeLast()
      } else if part != ".." || !path.hasPrefix("/") {
        parts.append(part)
      }
    }
    return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
  }

  /// A path below a folder as seen from there; any other path as it is.
  static func relative(_ path: String, to folder: String) -> String {
    let prefix = normalise(folder) + "/"
    return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
  }

  static func withoutExtension(_ path: String) -> String {
    let nameStart = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    guard let dot = path.lastIndex(of: "."), dot > nameStart else { return path }
    return String(path[..<dot])
  }
}
