import Glibc
import Synchronization

/// A UDP socket on a free port of 127.0.0.1, which sends on the thread of its caller.
final class LoopbackDatagrams: Sendable {
  let port: UInt16
  private let descriptor: Int32
  private let count = Mutex(0)

  init() throws {
    let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    guard descriptor >= 0 else { throw SocketFailed(call: "socket", code: errno) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
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

  /// Waits for a datagram; all further ones go to its sender.
  func connectToSender() throws {
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        recvfrom(descriptor, nil, 0, 0, address, &length) < 0 ? -1 : connect(descriptor, address, length)
      }
    }
    guard code == 0 else { throw SocketFailed(call: "connect", code: errno) }
  }

  /// Sends a datagram of one byte.
  func send() {
    count.withLock { $0 += 1 }
    Glibc.send(descriptor, [9], 1, Int32(MSG_NOSIGNAL))
  }

  /// How many datagrams were sent.
  var sent: Int { count.withLock { $0 } }
}
