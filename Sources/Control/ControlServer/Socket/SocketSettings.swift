import Synchronization

/// `socket:` as it is in force; a reload may replace it.
final class SocketSettings: Sendable {
  private let configuration: Mutex<SocketConfiguration>

  init(_ configuration: SocketConfiguration) { self.configuration = Mutex(configuration) }

  var current: SocketConfiguration {
    get { configuration.withLock { $0 } }
    set { configuration.withLock { $0 = newValue } }
  }
}
