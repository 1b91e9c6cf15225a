import LinuxSystem
package import RouteModel
import YAMLDocument

/// `providers.files`: paths and globs, relative to the folder of the configuration file.
package struct RouteFiles: Hashable, Sendable {
  package var patterns: [String]
  package var baseDirectory: String
  /// The positions of the patterns in the configuration file, for messages.
  package var locations: [SourceLocation]

  package init(patterns: [String], baseDirectory: String, locations: [SourceLocation]) {
    (self.patterns, self.baseDirectory, self.locations) = (patterns, baseDirectory, locations)
  }

  /// Reads and parses all files. Never throws: all failures become problems. `environment` replaces `${NAME}`.
  package func load(environment: [String: String]) -> ProvidedRoutes {
    let list = RouteFileList(self)
    return ProvidedRoutes(
      providers: list.files.map { provider($0, environment: environment) }, problems: list.problems)
  }

  /// The files that there are now, or should be.
  package func paths() -> [String] { RouteFileList(self).files.map(\.path) }

  /// Changes whenever a file is edited, replaced, added or removed.
  package func fingerprint() -> [String] { RouteFileList(self).files.map { FileFingerprint.of($0.path) } }

  private func provider(_ file: RouteFileList.File, environment: [String: String]) -> ProvidedRoutes.Provider {
    let parser = RouteFileParser(
      file: file.path, provider: file.provider, baseDirectory: baseDirectory, environment: environment)
    var provider = ProvidedRoutes.Provider(
      name: file.provider, file: file.relativePath, routes: [], problems: [], isLoaded: false)
    do {
      (provider.routes, provider.problems) = try parser.parse(try TextFile(path: file.path).text)
      provider.isLoaded = true
    } catch let problem as YAMLProblem {
      provider.problems = [parser.problem(.error, problem)]
    } catch let failure as TextFile.Failure {
      provider.problems = [Self.problem(failure, of: file)]
    } catch {
      provider.problems = [parser.problem(.error, YAMLProblem(at: .start, "cannot be read: \(error)"))]
    }
    return provider
  }

  private static func problem(_ failure: TextFile.Failure, of file: RouteFileList.File) -> Problem {
    let start = SourceLocation(file: file.path, line: failure.position.line, column: failure.position.column)
    switch failure {
    case .missing:
      return Problem(
        .error, at: file.namedAt ?? start, "no route file '\(file.path)': create it, or name another in providers.files"
      )
    case .directory:
      return Problem(
        .error, at: file.namedAt ?? start, "'\(file.path)' is a directory: name its files, as in '*.yml' below it")
    default: return Problem(.error, at: start, failure.description)
    }
  }
}
