import Synchronization

/// `socket:`.
package struct SocketConfiguration: Hashable, Sendable {
  package var path = "/run/pvescout/pvescout.sock"
  /// Permission bits of the socket file.
  package var mode: UInt16 = 0o660
  /// The group of the socket file, whose members may read. A group that the system does not know is ignored.
  package var group: String?
  /// The group whose members may `POST`, besides root and the agent's own user.
  package var adminGroup: String?
  package init() {}
}

/// `socket:` as it is in force; a reload may replace it.
final class SocketSettings: Sendable {
  private let configuration: Mutex<SocketConfiguration>

  init(_ configuration: SocketConfiguration) { self.configuration = Mutex(configuration) }

  var current: SocketConfiguration {
    get { configuration.withLock { $0 } }
    set { configuration.withLock { $0 = newValue } }
  }
}
