import Logging
import NIOCore
import ProxyTraffic
import RouteModel
import RouteRegistry
import Synchronization

/// The summary of a connection or UDP session, recorded once when it has ended.
struct StreamRecord: Sendable {
  let kind: RouteTraffic.Connection
  let route: RegisteredRoute
  /// The true client, if a trusted proxy in between reported it.
  let client: SocketAddress?
  var bytesFromClient: UInt64 = 0
  var bytesFromUpstream: UInt64 = 0
  let duration: Duration
  /// Why nothing was relayed; nil if it was.
  var refusal: StreamRefusal?

  var metadata: Logger.Metadata {
    [
      "route.alias": "\(route.id.alias)", "client": "\(client?.ipAddress ?? "unknown")",
      "upstream": "\(route.upstream.hostPort ?? "none")", "received": "\(bytesFromClient)",
      "sent": "\(bytesFromUpstream)", "duration": "\(duration)",
    ]
  }
}

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
