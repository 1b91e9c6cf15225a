import Synchronization

/// What a reload may change while streams are served: in force for what begins afterwards.
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
