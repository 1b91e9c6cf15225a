/// Operations on paths as text, without access to the disk.
package enum FilePath {
  /// Resolves a path against a folder; an absolute path is unchanged.
  package static func join(_ folder: String, _ path: String) -> String {
    normalise(path.hasPrefix("/") || folder.isEmpty ? path : "\(folder)/\(path)")
  }

  /// Removes `.`, `..` and doubled slashes as far as possible. The current folder becomes an empty text.
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

  /// A path below a folder, relative to it; any other path is unchanged.
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
