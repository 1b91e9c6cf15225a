import Glibc

/// Shell patterns for paths (`glob(3)`): `*`, `?` and `[…]`; a leading dot must be matched explicitly.
enum Glob {
  static func isPattern(_ path: String) -> Bool { path.contains { "*?[".contains($0) } }

  /// Escapes a folder's name, so that nothing in it is special in a pattern.
  static func escape(_ path: String) -> String {
    path.reduce(into: "") { $0 += "\\*?[".contains($1) ? "\\\($1)" : String($1) }
  }

  /// The files that match a pattern, sorted, without folders.
  static func files(matching pattern: String) -> [String] {
    var found = glob_t()
    defer { globfree(&found) }
    guard glob(pattern, 0, nil, &found) == 0, let paths = found.gl_pathv else { return [] }
    return (0..<Int(found.gl_pathc)).compactMap { paths[$0].map { String(cString: $0) } }.filter(isFile).sorted()
  }

  private static func isFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFDIR
  }
}
