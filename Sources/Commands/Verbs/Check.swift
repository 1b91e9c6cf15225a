import AgentConfiguration
import ArgumentParser
import RouteModel
import RouteProviders

/// `pvescout check`: every problem of the agent's file and its route files; contacts nothing.
struct Check: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Validates the agent's file and its route files; contacts nothing.")

  @OptionGroup var file: ConfigurationOptions

  func run() async throws {
    Terminal.ignoreBrokenPipes()
    let (problems, summary) = findings()
    for problem in problems { try Terminal.print("\(problem)\n") }
    let errors = problems.count { $0.severity == .error }
    Terminal.say("\(summary): \(Self.count(errors, "error")), \(Self.count(problems.count - errors, "warning"))")
    if errors > 0 { throw ExitCode.failure }
  }

  private func findings() -> (problems: [Problem], summary: String) {
    do throws(AgentConfiguration.Invalid) {
      let configuration = try AgentConfiguration.load(path: file.config, environment: file.environment)
      let routes = configuration.routeFiles.load(environment: file.environment)
      let declared = routes.providers.reduce(0) { $0 + $1.routes.count }
      let checked =
        "\(file.config), \(Self.count(routes.providers.count, "route file")), \(Self.count(declared, "route"))"
      return (configuration.warnings + routes.allProblems, checked)
    } catch {
      return (error.problems, "\(file.config) (route files not read)")
    }
  }

  private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
