import RouteModel
import RouteProviders
import YAMLDocument

/// What all sections of the file share while they are read.
final class ConfigurationContext {
  /// The file as it was named, for messages.
  let path: String
  /// The folder from which paths in the file are seen; empty for the current one.
  let folder: String
  let reader: YAMLReader
  /// Whether every user of the machine can read the file.
  var isReadableByAll = false
  /// The files that secrets were read from.
  var secretFiles: [String] = []
  private var warnings: [YAMLProblem] = []

  init(path: String, environment: [String: String]) {
    self.path = path
    folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? ""
    reader = YAMLReader(environment: environment)
  }

  func warn(_ message: String, at position: YAMLPosition) { warnings.append(YAMLProblem(at: position, message)) }

  /// A path of the file, as the process can open it.
  func resolve(_ path: String) -> String { FilePath.join(folder, path) }

  func location(_ position: YAMLPosition) -> SourceLocation {
    SourceLocation(file: path, line: position.line, column: position.column)
  }

  /// Everything that was found, by place.
  var problems: [Problem] {
    let errors = reader.problems.map { Problem(.error, at: location($0.position), $0.message) }
    let all = errors + warnings.map { Problem(.warning, at: location($0.position), $0.message) }
    return all.sorted { ($0.location.line, $0.location.column) < ($1.location.line, $1.location.column) }
  }

  /// The error that tells everything that was found, and one thing more where that is what ends the reading.
  func invalid(_ problem: YAMLProblem? = nil) -> AgentConfiguration.Invalid {
    if let problem { reader.report(problem.message, at: problem.position) }
    return AgentConfiguration.Invalid(problems: problems)
  }
}
