import RouteModel

/// The files that currently match the patterns of `providers.files`, in the order of the patterns, each once.
struct RouteFileList {
  struct File: Hashable {
    /// The path to open, also used in messages.
    var path: String
    /// Relative to the folder of the configuration file.
    var relativePath: String
    var provider: ProviderName
    /// The position of the pattern in the configuration file.
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

  /// A path without wildcards is listed whether or not the file exists.
  private static func paths(for pattern: String, in folder: String) -> [String] {
    guard Glob.isPattern(pattern) else { return [FilePath.join(folder, pattern)] }
    return Glob.files(matching: FilePath.join(Glob.escape(folder), pattern)).map(FilePath.normalise)
  }

  private mutating func append(_ path: String, of source: RouteFiles, namedAt location: SourceLocation?) {
    let relative = FilePath.relative(path, to: source.baseDirectory)
    let short = ProviderName("file:\(FilePath.withoutExtension(relative))")
    // If `routes.yml` and `routes.yaml` both exist, the later one keeps its extension.
    let isTaken = files.contains { $0.provider == short }
    let provider = isTaken ? ProviderName("file:\(relative)") : short
    files.append(File(path: path, relativePath: relative, provider: provider, namedAt: location))
  }
}
