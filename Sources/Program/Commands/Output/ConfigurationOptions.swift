import AgentConfiguration
import ArgumentParser
import FoundationEssentials

/// The option for the configuration file.
struct ConfigurationOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "The agent's file.", completion: .file(extensions: ["yml", "yaml"]))
  var config = "/etc/pvescout/pvescout.yml"

  /// An absolute path: a running agent's messages about its files are read from other folders.
  var path: String {
    config.hasPrefix("/") ? config : "\(FileManager.default.currentDirectoryPath)/\(config)"
  }

  var environment: [String: String] { ProcessInfo.processInfo.environment }

  /// Reads and validates the file; prints all problems and exits with 1 if it is invalid.
  func load() throws -> AgentConfiguration {
    do throws(AgentConfiguration.Invalid) {
      return try AgentConfiguration.load(path: path, environment: environment)
    } catch {
      for problem in error.problems { Terminal.say("\(problem)") }
      throw ExitCode.failure
    }
  }
}
