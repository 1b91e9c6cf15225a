import Logging
import NIOCore
import RouteModel
import RouteRegistry
import Synchronization

/// Logs why connections of a route are refused: one warning for consecutive refusals with the same reason, because
/// clients may retry often.
final class RefusalLog: Sendable {
  private let lastRefusals = Mutex<[RouteID: StreamRefusal]>([:])
  private let logger: Logger

  init(logger: Logger) { self.logger = logger }

  func record(_ record: StreamRecord) {
    let id = record.route.id
    let isNew = lastRefusals.withLock { lastRefusals in
      defer { lastRefusals[id] = record.refusal }
      return lastRefusals[id] != record.refusal
    }
    guard let refusal = record.refusal else { return }
    let metadata: Logger.Metadata = [
      "route.alias": "\(id.alias)", "reason": "\(refusal)", "client": "\(record.client?.ipAddress ?? "unknown")",
    ]
    logger.log(level: isNew ? .warning : .debug, "stream refused", metadata: metadata)
  }

  /// Forgets removed routes.
  func keep(_ ids: Set<RouteID>) {
    lastRefusals.withLock { lastRefusals in lastRefusals = lastRefusals.filter { ids.contains($0.key) } }
  }
}
