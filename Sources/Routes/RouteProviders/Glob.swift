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
    var found = unsafe glob_t()
    defer { unsafe globfree(&found) }
    guard unsafe glob(pattern, 0, nil, &found) == 0, let paths = unsafe found.gl_pathv else { return [] }
    // As many as glob(3) says, each a C string.
    let matches = unsafe (0..<Int(found.gl_pathc)).compactMap { unsafe paths[$0].map { unsafe String(cString: $0) } }
    return matches.filter(isFile).sorted()
  }

  private static func isFile(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFDIR
  }
}
