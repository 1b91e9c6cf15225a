import Glibc
import NIOCore

/// Tries whether this machine has an address and port to give, without listening there.
package enum ListenTrial {
  /// Why they cannot be opened; nil if they can, or if only the rights of this process are missing.
  package static func fault(host: String, port: UInt16, isDatagram: Bool) -> String? {
    do {
      try bind(SocketAddress(ipAddress: host, port: Int(port)), isDatagram: isDatagram)
      return nil
    } catch {
      return (error as? IOError)?.errnoCode == EACCES ? nil : error.bindReason
    }
  }

  private static func bind(_ address: SocketAddress, isDatagram: Bool) throws {
    let kind = isDatagram ? SOCK_DGRAM : SOCK_STREAM
    let socket = Glibc.socket(
      address.protocol == .inet6 ? AF_INET6 : AF_INET, Int32(kind.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard socket >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
    defer { close(socket) }
    // As the listeners do it; two UDP sockets with this option would share the port.
    var isReused: Int32 = isDatagram ? 0 : 1
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &isReused, socklen_t(MemoryLayout<Int32>.size))
    let result = address.withSockAddr { Glibc.bind(socket, $0, socklen_t($1)) }
    guard result == 0 else { throw IOError(errnoCode: errno, reason: "bind") }
  }
}
