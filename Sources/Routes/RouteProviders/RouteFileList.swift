import RouteModel

/// The files that the patterns of `providers.files` name at this moment: in the patterns' order, each once.
struct RouteFileList {
  struct File: Hashable {
    /// What to open, and what messages say.
    var path: String
    /// As seen from the folder of the agent's file.
    var relativePath: String
    var provider: ProviderName
    /// Where the agent's file names it.
    var namedAt: SourceLocation?
  }

  private(set) var files: [File] = []
  private(set) var problems: [Problem] = []

  init(_ source: RouteFiles) {
    var seen: Set<String> = []
    for (index, pattern) in source.patterns.enumerated() {
      let location = source.locations.indices.contains(index) ? source.locations[index] : nil
      let paths = Self.paths(for: pattern, in: source.baseDirectory)
      if paths.isEmpty {
        let place = location ?? SourceLocation(file: pattern, line: 1, column: 1)
        problems.append(Problem(.warning, at: place, "'\(pattern)' matches no file"))
      }
      for path in paths where seen.insert(path).inserted { append(path, of: source, namedAt: location) }
    }
  }

  /// A plain path names its file whether that is there or not.
  private static func paths(for pattern: String, in folder: String) -> [String] {
    guard Glob.isPattern(pattern) else { return [FilePath.join(folder, pattern)] }
    return Glob.files(matching: FilePath.join(Glob.escape(folder), pattern)).map(FilePath.normalise)
  }

  private mutating func append(_ path: String, of source: RouteFiles, namedAt location: SourceLocation?) {
    let relative = FilePath.relative(path, to: source.baseDirectory)
    let short = ProviderName("file:\(FilePath.withoutExtension(relative))")
    // `routes.yml` and `routes.yaml` side by side: the later one keeps its extension.
    let isTaken = files.contains { $0.provider == short }
    let provider = isTaken ? ProviderName("file:\(relative)") : short
    files.append(File(path: path, relativePath: relative, provider: provider, namedAt: location))
  }
}
