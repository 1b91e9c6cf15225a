import Glibc
import Synchronization
import TestSupport

/// A UDP socket on a free port of 127.0.0.1, which sends on the thread of its caller.
final class LoopbackDatagrams: Sendable {
  private let socket: LoopbackSocket
  private let count = Mutex(0)

  init() throws { socket = try LoopbackSocket(kind: SOCK_DGRAM.rawValue) }

  var port: UInt16 { socket.port }

  /// Waits for a datagram; all further ones go to its sender.
  func connectToSender() throws {
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        recvfrom(socket.descriptor, nil, 0, 0, address, &length) < 0 ? -1 : connect(socket.descriptor, address, length)
      }
    }
    guard code == 0 else { throw SocketFailed(call: "connect", code: errno) }
  }

  /// Sends a datagram of one byte.
  func send() {
    count.withLock { $0 += 1 }
    Glibc.send(socket.descriptor, [9], 1, Int32(MSG_NOSIGNAL))
  }

  /// How many datagrams were sent.
  var sent: Int { count.withLock { $0 } }
}
