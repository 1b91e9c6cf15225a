import AgentRuntime
import ArgumentParser
import RouteModel

/// `pvescout check`: prints all problems of the configuration file and its route files; contacts nothing.
struct Check: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Validates the agent's file and its route files; contacts nothing.",
    discussion: """
      Examples:
        pvescout check
        pvescout check ./pvescout.yml
      """)

  @OptionGroup var options: ConfigurationOptions

  @Argument(help: "The agent's file, as with --config.", completion: .file(extensions: ["yml", "yaml"]))
  var path: String?

  private var file: ConfigurationOptions {
    var file = options
    file.config = path ?? options.config
    return file
  }

  func run() async throws {
    Terminal.ignoreBrokenPipes()
    let check = ConfigurationCheck(path: file.config, environment: file.environment)
    for problem in check.problems { try Terminal.print(DisplayWidth.printable("\(problem)") + "\n") }
    if let notice = check.notice { Terminal.say(notice) }
    let (errors, total) = (check.errors.count, check.problems.count)
    let read = check.routes.map { Self.count($0, "route") } ?? "route files not read"
    Terminal.say(
      "\(file.config) (\(read)): \(Self.count(errors, "error")), \(Self.count(total - errors, "warning"))")
    if errors > 0 { throw ExitCode.failure }
  }

  private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
