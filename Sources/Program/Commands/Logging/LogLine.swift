import ControlAPI
import FoundationEssentials
import JSONDocument
import Logging

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
