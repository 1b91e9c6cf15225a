import Logging
import Synchronization

/// Collects the warnings of a logger.
final class Warnings: Sendable {
  private let said = Mutex<[String]>([])

  var texts: [String] { said.withLock { $0 } }
  var logger: Logger { Logger(label: "test") { _ in Handler(warnings: self) } }

  private struct Handler: LogHandler {
    let warnings: Warnings
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.warning

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { warnings.said.withLock { $0.append(event.message.description) } }
  }
}
