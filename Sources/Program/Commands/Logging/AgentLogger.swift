import AgentConfiguration
import Logging

/// The agent's logger, as `log:` wants it: a line an event on standard error.
enum AgentLogger {
  static func make(_ configuration: AgentConfiguration.Log) -> Logger {
    var logger = Logger(label: "pvescout") { _ in LineLogHandler(format: configuration.format) }
    logger.logLevel = Logger.Level(rawValue: configuration.level) ?? .info
    return logger
  }
}
