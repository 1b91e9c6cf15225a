import AgentConfiguration
import ControlAPI
import FoundationEssentials
import Logging

/// Writes each log event as one line to standard error, as text or as JSON.
struct LineLogHandler: LogHandler {
  var format: AgentConfiguration.Log.Format
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?
  var logLevel: Logger.Level = .info

  init(format: AgentConfiguration.Log.Format) { self.format = format }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let all = metadata.merging(metadataProvider?.get() ?? [:]) { $1 }.merging(event.metadata ?? [:]) { $1 }
    let fields = all.map { (key: $0.key, value: "\($0.value)") }.sorted { $0.key < $1.key }
    let line = LogLine(at: Date(), level: event.level, message: "\(event.message)", fields: fields)
    Terminal.say(format == .json ? line.json : line.text)
  }
}

/// Creates the agent's logger as configured in `log:`: one line per event on standard error.
enum AgentLogger {
  static func make(_ configuration: AgentConfiguration.Log) -> Logger {
    var logger = Logger(label: "pvescout") { _ in LineLogHandler(format: configuration.format) }
    logger.logLevel = Logger.Level(rawValue: configuration.level) ?? .info
    return logger
  }
}
