/// `socket:`.
package struct SocketConfiguration: Hashable, Sendable {
  package var path = "/run/pvescout/pvescout.sock"
  /// Permission bits of the socket file.
  package var mode: UInt16 = 0o660
  /// Owns the socket file: its members may read. One that the system does not know changes nothing.
  package var group: String?
  /// Members may `POST`, besides root and the agent's own user.
  package var adminGroup: String?
  package init() {}
}
