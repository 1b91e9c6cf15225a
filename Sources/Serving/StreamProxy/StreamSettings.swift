import Synchronization

/// The settings that a reload may change; they apply to connections that begin afterwards.
final class StreamSettings: Sendable {
  struct Values {
    var configuration: StreamConfiguration
    var proxyProtocol: ProxyProtocolPolicy
  }

  private let values: Mutex<Values>

  init(_ values: Values) { self.values = Mutex(values) }

  var current: Values { values.withLock { $0 } }

  func replace(_ new: Values) { values.withLock { $0 = new } }
}
