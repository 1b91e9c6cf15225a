import AgentConfiguration
import Logging

/// Creates the agent's logger as configured in `log:`: one line per event on standard error.
enum AgentLogger {
  static func make(_ configuration: AgentConfiguration.Log) -> Logger {
    var logger = Logger(label: "pvescout") { _ in LineLogHandler(format: configuration.format) }
    logger.logLevel = Logger.Level(rawValue: configuration.level) ?? .info
    return logger
  }
}
