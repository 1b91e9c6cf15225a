import AgentConfiguration
import ControlAPI
import FoundationEssentials
import JSONDocument
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

/// Formats a log event as a line.
struct LogLine {
  var at: Date
  var level: Logger.Level
  var message: String
  var fields: [(key: String, value: String)]

  /// `2026-01-31T12:00:00.000Z info    listening socket.path=/run/…`
  var text: String {
    let level = level.rawValue + String(repeating: " ", count: max(0, 8 - level.rawValue.count))
    let pairs = fields.map { " \($0.key)=\(Self.quoted($0.value))" }.joined()
    return "\(WireFormat.text(of: at)) \(level)\(DisplayWidth.printable(message))\(pairs)"
  }

  /// One object: `time`, `level`, `message`, and the metadata by key.
  var json: String {
    var object: [String: String] = [:]
    for field in fields { object[field.key] = field.value }
    (object["time"], object["level"], object["message"]) = (WireFormat.text(of: at), level.rawValue, message)
    return String(decoding: object.json, as: UTF8.self)
  }

  private static func quoted(_ value: String) -> String {
    let safe = DisplayWidth.printable(value)
    let isPlain = !safe.isEmpty && !safe.contains { $0 == " " || $0 == "\"" || $0 == "=" }
    return isPlain ? safe : "\"" + safe.replacing("\"", with: "\\\"") + "\""
  }
}
