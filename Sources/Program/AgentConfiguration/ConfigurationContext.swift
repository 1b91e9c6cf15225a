import RouteModel
import RouteProviders
import YAMLDocument

/// The state that all section readers share.
final class ConfigurationContext {
  /// The path of the file as given, for messages.
  let path: String
  /// The folder that paths in the file are relative to; empty for the current one.
  let folder: String
  let reader: YAMLReader
  /// Where systemd has put what the unit loads with `LoadCredential=`, if it has.
  private let credentialsFolder: String?
  /// Whether every user of the machine can read the file.
  var isReadableByAll = false
  /// Whether the secret file of a token may be missing: its secret is empty then.
  var toleratesMissingSecrets = false
  /// This file, and those it names of which a change is taken up by a reload.
  private(set) var files = ReadFiles()
  /// Those of `proxy:`, which are taken up without a reload.
  private(set) var certificateFiles = ReadFiles()
  private var warnings: [YAMLProblem] = []

  init(path: String, environment: [String: String]) {
    self.path = path
    folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? ""
    credentialsFolder = environment["CREDENTIALS_DIRECTORY"].flatMap { $0.isEmpty ? nil : $0 }
    reader = YAMLReader(environment: environment)
    files.append(path)
  }

  /// Resolves the path of a file that is about to be read: a change of it is a reason to reload.
  func willRead(_ path: String) -> String {
    let path = resolve(path)
    files.append(path)
    return path
  }

  /// The same for a certificate or key of `proxy:`.
  func willReadCertificate(_ path: String) -> String {
    let path = resolve(path)
    certificateFiles.append(path)
    return path
  }

  /// Whether systemd has copied a file when it started the agent; a later change of the original never reaches the copy.
  func isCopiedAtStart(_ path: String) -> Bool {
    credentialsFolder.map { resolve(path).hasPrefix($0 + "/") } ?? false
  }

  func warn(_ message: String, at position: YAMLPosition) { warnings.append(YAMLProblem(at: position, message)) }

  /// Resolves a path in the file for use by this process.
  func resolve(_ path: String) -> String { FilePath.join(folder, path) }

  func location(_ position: YAMLPosition) -> SourceLocation {
    SourceLocation(file: path, line: position.line, column: position.column)
  }

  /// All problems found, by position.
  var problems: [Problem] {
    let errors = reader.problems.map { Problem(.error, at: location($0.position), $0.message) }
    let all = errors + warnings.map { Problem(.warning, at: location($0.position), $0.message) }
    return all.sorted { ($0.location.line, $0.location.column) < ($1.location.line, $1.location.column) }
  }

  /// The error with all problems found so far, and optionally the one that ends the reading.
  func invalid(_ problem: YAMLProblem? = nil) -> AgentConfiguration.Invalid {
    if let problem { reader.report(problem.message, at: problem.position) }
    // A certificate that is refused is not in force, and so nothing else watches it.
    return AgentConfiguration.Invalid(problems: problems, files: files.appending(certificateFiles))
  }
}
