import RouteModel
import YAMLDocument

/// Parses the text of one route file: a mapping of aliases to routes.
struct RouteFileParser {
  /// The path used in messages.
  let file: String
  let provider: ProviderName
  /// The folder of the configuration file, against which paths in routes are resolved.
  let baseDirectory: String
  let environment: [String: String]

  /// Returns the routes in file order, and all problems of the file, including those of its routes.
  func parse(_ text: String) throws(YAMLProblem) -> (routes: [RouteDeclaration], problems: [Problem]) {
    let allowance = YAMLAllowance(for: text)
    let root = try YAMLDocument(text, allowance: allowance).root
    guard let entries = root.entries else {
      throw YAMLProblem(at: root.position, "wanted a mapping of aliases to routes, found \(root.kind)")
    }
    var (routes, unused, lines) = ([RouteDeclaration](), UnusedKeys(), [String: Int]())
    let fileReader = YAMLReader(environment: environment, grammar: .lenient, allowance: allowance)
    // A repeated alias is reported with its route, below.
    fileReader.reportOwnFlaws(of: root, duplicates: false)
    for entry in entries {
      if entry.key.hasPrefix("x-") {
        reportExtension(entry, lines: &lines, to: fileReader)
      } else if Self.holdsRoutes(entry) {
        fileReader.report(
          "routes belong at the top of the file: remove 'routes:' and the indentation below it", at: entry.position)
      } else if entry.key == "routes", case .sequence = entry.value.content {
        fileReader.report(
          "routes are no list: write each at the top of the file, as in 'plex: {host: 10.0.0.50}'", at: entry.position)
      } else if let route = route(entry, lines: &lines, unused: &unused, fileReader: fileReader) {
        routes.append(route)
      }
    }
    let warnings = (fileReader.warnings + unused.warnings).map { problem(.warning, $0) }
    let errors = fileReader.problems.map { problem(.error, $0) } + routes.flatMap(\.problems)
    return (routes, Self.ordered(errors + warnings))
  }

  func problem(_ severity: Problem.Severity, _ problem: YAMLProblem) -> Problem {
    Problem(severity, at: location(problem.position), problem.message)
  }

  private func location(_ position: YAMLPosition) -> SourceLocation {
    SourceLocation(file: file, line: position.line, column: position.column)
  }

  /// Other programs put routes one level deeper. A real route named `routes` usually has values that are not mappings.
  private static func holdsRoutes(_ entry: YAMLEntry) -> Bool {
    guard entry.key == "routes", let entries = entry.value.entries, !entries.isEmpty else { return false }
    return entries.allSatisfy { $0.value.entries != nil && !["healthcheck", "proxmox", "homepage"].contains($0.key) }
  }

  /// Returns a route with its problems, such as an invalid alias; nil if it has no name at all.
  private func route(
    _ entry: YAMLEntry, lines: inout [String: Int], unused: inout UnusedKeys, fileReader: YAMLReader
  ) -> RouteDeclaration? {
    let reader = YAMLReader(environment: environment, grammar: .lenient, allowance: fileReader.allowance)
    let alias: RouteAlias
    do { alias = try RouteAlias(entry.key.trimmed) } catch {
      let mistake = YAMLReader.mistake(inKey: entry.key)
      guard !entry.key.trimmed.isEmpty, mistake == nil else {
        fileReader.report(mistake ?? "\(error)", at: entry.position)
        return nil
      }
      alias = RouteAlias(invalid: entry.key)
      reader.report("\(error)", at: entry.position)
    }
    if let line = lines[alias.folded] {
      reader.report("alias '\(alias)' occurs twice in this file, first on line \(line)", at: entry.position)
    }
    lines[alias.folded] = lines[alias.folded] ?? entry.position.line
    reader.reportFlaws(of: entry.value)
    var route = RouteDeclaration(alias: alias, provider: provider, location: location(entry.position))
    if !entry.value.isNull {
      reader.mapping(entry.value, "route '\(alias)'") { mapping in
        let keys = RouteReader(mapping: mapping, baseDirectory: baseDirectory).read(into: &route)
        for key in keys { unused.record(key, of: alias) }
      }
    }
    for warning in reader.warnings { fileReader.warn(warning.message, at: warning.position) }
    route.problems = Self.ordered(reader.problems.map { problem(.error, $0) })
    return route
  }

  /// `x-…` contains anchors for the rest of the file: only its YAML is checked.
  private func reportExtension(_ entry: YAMLEntry, lines: inout [String: Int], to reader: YAMLReader) {
    if let line = lines[entry.key] {
      reader.report("duplicate key '\(entry.key)', first set on line \(line)", at: entry.position)
    }
    lines[entry.key] = lines[entry.key] ?? entry.position.line
    reader.reportFlaws(of: entry.value)
  }

  /// Sorts by position and removes duplicates: a problem in an anchor occurs in every route that uses it.
  private static func ordered(_ problems: [Problem]) -> [Problem] {
    var seen: Set<Problem> = []
    return problems.filter { seen.insert($0).inserted }.sorted {
      ($0.location.line, $0.location.column, $0.message) < ($1.location.line, $1.location.column, $1.message)
    }
  }
}
