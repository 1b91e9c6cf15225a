/// Finds all keys that a parser knows: for an unknown key in a mapping, it lists the known ones.
struct KnownKeys {
  /// Parses a text and returns the messages of its problems.
  let problems: (String) throws -> [String]

  private static let unknown = "zzzzzzzz"

  /// The paths of all keys below a place, such as `tls.fingerprint`; `*` is any name.
  ///
  /// - Parameter document: inserts a value, in YAML's flow style, into the place.
  func paths(in document: (String) -> String) throws -> Set<String> {
    try paths(below: "", document) ?? []
  }

  /// Nil if the place does not accept a mapping with fixed keys.
  private func paths(below prefix: String, _ document: (String) -> String) throws -> Set<String>? {
    guard let keys = try keys(document("{\(Self.unknown): 1}")) else { return nil }
    var paths: Set<String> = []
    for key in keys {
      let path = prefix + key
      paths.insert(path)
      let inside =
        try self.paths(below: "\(path).") { document("{\(key): \($0)}") }
        ?? self.paths(below: "\(path).") { document("{\(key): [\($0)]}") }
        ?? self.paths(below: "\(path).*.") { document("{\(key): {\(Self.unknown): \($0)}}") }
      paths.formUnion(inside ?? [])
    }
    return paths
  }

  private func keys(_ text: String) throws -> [String]? {
    let start = "unknown key '\(Self.unknown)'; known are "
    return try problems(text).first { $0.hasPrefix(start) }?.dropFirst(start.count).split(separator: ", ").map(
      String.init)
  }
}
