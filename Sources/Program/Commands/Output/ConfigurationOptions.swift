import AgentConfiguration
import ArgumentParser
import FoundationEssentials

/// Where the agent's file is.
struct ConfigurationOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "The agent's file.", completion: .file(extensions: ["yml", "yaml"]))
  var config = "/etc/pvescout/pvescout.yml"

  /// The same from any folder: what a running agent tells of its files is read elsewhere.
  var path: String {
    config.hasPrefix("/") ? config : "\(FileManager.default.currentDirectoryPath)/\(config)"
  }

  var environment: [String: String] { ProcessInfo.processInfo.environment }

  /// Reads and validates the file; tells every problem and ends with 1 where it does not hold.
  func load() throws -> AgentConfiguration {
    do throws(AgentConfiguration.Invalid) {
      return try AgentConfiguration.load(path: path, environment: environment)
    } catch {
      for problem in error.problems { Terminal.say("\(problem)") }
      throw ExitCode.failure
    }
  }
}
