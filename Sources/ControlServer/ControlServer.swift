package import Logging
import ServiceLifecycle

/// `socket:`.
package struct SocketConfiguration: Hashable, Sendable {
  package var path = "/run/pvescout/pvescout.sock"
  /// Permission bits of the socket file.
  package var mode: UInt16 = 0o660
  package var group: String?
  /// Members may `POST`, besides root and the agent's own user.
  package var adminGroup: String?
  package init() {}
}

/// The agent on a Unix socket: HTTP/1.1 and JSON.
package struct ControlServer: Service {
  package init(
    configuration: SocketConfiguration, agent: any ControlledAgent, logger: Logger,
    onListening: @escaping @Sendable () async -> Void = {}
  ) {
    fatalError("unbuilt")
  }

  package func run() async throws { fatalError("unbuilt") }
}
