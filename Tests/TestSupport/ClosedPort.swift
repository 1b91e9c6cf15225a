import Glibc

/// A loopback port that refuses connections as long as this value exists: bound, so that no other process gets it, and
/// not listening.
package final class ClosedPort: Sendable {
  package let number: UInt16
  private let socket: LoopbackSocket

  package init() throws {
    socket = try LoopbackSocket()
    number = socket.port
  }
}

/// A loopback port on which a connect gets no answer: its queue is full, and no connection is accepted.
package final class SilentPort {
  package let number: UInt16
  private let listener: LoopbackSocket
  private var clients: [LoopbackSocket] = []

  package init() throws {
    listener = try LoopbackSocket()
    number = listener.port
    guard listen(listener.descriptor, 0) == 0 else { throw SocketFailed(call: "listen", code: errno) }
    // A backlog of 0 holds one connection; further ones get no answer.
    for _ in 0..<3 {
      let client = try LoopbackSocket()
      try client.startToConnect(to: number)
      clients.append(client)
    }
  }
}

package struct SocketFailed: Error {
  var call: String
  var code: Int32

  package init(call: String, code: Int32) { (self.call, self.code) = (call, code) }
}

/// A socket bound to a free port of 127.0.0.1.
package final class LoopbackSocket: Sendable {
  package let descriptor: Int32
  package let port: UInt16

  /// Of TCP, and not blocking.
  package convenience init() throws { try self.init(kind: SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue) }

  package init(kind: UInt32) throws {
    let descriptor = socket(AF_INET, Int32(kind), 0)
    guard descriptor >= 0 else { throw SocketFailed(call: "socket", code: errno) }
    var address = Self.address(port: 0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, length) == 0 ? getsockname(descriptor, address, &length) : -1
      }
    }
    guard code == 0 else {
      close(descriptor)
      throw SocketFailed(call: "bind", code: errno)
    }
    self.descriptor = descriptor
    port = UInt16(bigEndian: address.sin_port)
  }

  deinit { close(descriptor) }

  func startToConnect(to port: UInt16) throws {
    var address = Self.address(port: port)
    let code = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard code == 0 || errno == EINPROGRESS else { throw SocketFailed(call: "connect", code: errno) }
  }

  private static func address(port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
  }
}
