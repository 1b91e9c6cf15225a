import Logging
import NIOCore
import RouteModel
import RouteRegistry
import Synchronization

/// Tells why connections of a route are refused: once for each reason in a row, for whoever connects may do so often.
final class RefusalLog: Sendable {
  private let told = Mutex<[RouteID: StreamRefusal]>([:])
  private let logger: Logger

  init(logger: Logger) { self.logger = logger }

  func note(_ record: StreamRecord) {
    let id = record.route.id
    let isNew = told.withLock { told in
      defer { told[id] = record.refusal }
      return told[id] != record.refusal
    }
    guard let refusal = record.refusal else { return }
    let metadata: Logger.Metadata = [
      "route.alias": "\(id.alias)", "reason": "\(refusal)", "client": "\(record.client?.ipAddress ?? "unknown")",
    ]
    logger.log(level: isNew ? .warning : .debug, "stream refused", metadata: metadata)
  }

  /// Forgets routes that are gone.
  func keep(_ ids: Set<RouteID>) { told.withLock { told in told = told.filter { ids.contains($0.key) } } }
}
