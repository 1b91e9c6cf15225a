import RouteModel
import RouteProviders
import YAMLDocument

extension AgentConfiguration {
  /// Reads and validates a configuration file and its secret files; contacts nothing.
  ///
  /// Paths in the file are relative to its folder; `environment` replaces `${NAME}`.
  ///
  /// - Parameter toleratingMissingSecrets: a token whose secret file is not there has an empty secret.
  package static func load(
    path: String, environment: [String: String], toleratingMissingSecrets: Bool = false
  ) throws(Invalid) -> AgentConfiguration {
    let context = ConfigurationContext(path: path, environment: environment)
    context.toleratesMissingSecrets = toleratingMissingSecrets
    let file: TextFile
    let document: YAMLDocument
    do { file = try TextFile(path: path) } catch { throw context.invalid(Self.problem(with: error)) }
    do { document = try YAMLDocument(file.text) } catch { throw context.invalid(error) }
    context.isReadableByAll = file.permissions & 0o004 != 0
    context.reader.reportFlaws(of: document.root)
    var configuration = AgentConfiguration(
      path: path, routeFiles: RouteFiles(patterns: [], baseDirectory: context.folder, locations: []))
    _ = context.reader.mapping(document.root, "the configuration") { root in
      ConfigurationReader(root: root, context: context).read(into: &configuration)
    }
    if !context.reader.problems.isEmpty {
      var invalid = context.invalid()
      invalid.routeFiles = configuration.routeFiles
      throw invalid
    }
    configuration.files = context.files
    configuration.certificateFiles = context.certificateFiles.paths
    configuration.warnings = context.problems
    return configuration
  }

  private static func problem(with failure: TextFile.Failure) -> YAMLProblem {
    let hint =
      switch failure {
      case .missing:
        "no configuration file here: run pvescout setup, which writes one, or name another with --config"
      case .directory: "this is a directory, wanted the configuration file: name it with --config"
      case .notPermitted: "permission denied: the agent's user must be able to read its configuration"
      default: failure.description
      }
    return YAMLProblem(at: failure.position, hint)
  }
}
