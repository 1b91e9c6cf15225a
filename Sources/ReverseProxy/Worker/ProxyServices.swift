import Logging
import ProxyTraffic
import RouteRegistry

/// Whom every event loop asks.
struct ProxyServices: Sendable {
  let registry: RouteRegistry
  let traffic: TrafficBook
  let accessLog: AccessLog
  let logger: Logger
}
