package import NIOCore
package import NIOPosix

extension ServerBootstrap {
  /// Listens at the address, on the socket that systemd has opened there if there is one. Throws the error of bind(2)
  /// or listen(2).
  package func listen(at address: SocketAddress, _ inherited: InheritedSockets) async throws -> any Channel {
    if let socket = try inherited.socket(at: address, isDatagram: false) {
      return try await withBoundSocket(socket).get()
    }
    return try await bind(to: address).get()
  }
}

extension DatagramBootstrap {
  /// The same for datagrams. Throws the error of bind(2).
  package func listen(at address: SocketAddress, _ inherited: InheritedSockets) async throws -> any Channel {
    if let socket = try inherited.socket(at: address, isDatagram: true) {
      return try await withBoundSocket(socket).get()
    }
    return try await bind(to: address).get()
  }
}
