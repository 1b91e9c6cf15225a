package import Logging
import Synchronization

/// Collects log events, one line each.
package final class LogBook: Sendable {
  private let kept = Mutex<[String]>([])

  package init() {}

  package var lines: [String] { kept.withLock { $0 } }

  package var logger: Logger { Logger(label: "test") { _ in Handler(book: self) } }

  private struct Handler: LogHandler {
    let book: LogBook
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let facts = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      book.kept.withLock { $0.append((["\(event.level): \(event.message)"] + facts).joined(separator: " ")) }
    }
  }
}
