import Glibc
import NIOCore

/// Two connected sockets to be relayed, taken from the channels that opened them.
struct SocketPair: Sendable {
  let front: Int32
  let back: Int32
  /// The bytes sent to each socket before any that are read.
  let ahead: (toFront: ByteBuffer, toBack: ByteBuffer)
  let received: (front: ByteCount, back: ByteCount)
  /// Both sockets are closed after this time without a byte in either direction.
  let idle: Duration
  /// Called once, on the relay's thread, when both are closed.
  let onEnd: @Sendable () -> Void

  /// Takes over the sockets: the channels are closed, the connections continue. Nil, without any effect, if a channel
  /// has no socket or the process has no descriptor left.
  ///
  /// Called on the event loop of both, with the handlers that hold the bytes already read. No other handler may hold
  /// bytes.
  /// - Parameter header: sent to the back before the first byte of the front.
  init?(
    front: (channel: any Channel, handler: RelayHandler), back: (channel: any Channel, handler: RelayHandler),
    header: ByteBuffer, idle: Duration, onEnd: @escaping @Sendable () -> Void
  ) {
    guard let frontSocket = front.channel.duplicatedSocket() else { return nil }
    guard let backSocket = back.channel.duplicatedSocket() else {
      close(frontSocket)
      return nil
    }
    (self.front, self.back, self.idle, self.onEnd) = (frontSocket, backSocket, idle, onEnd)
    received = (front.handler.received, back.handler.received)
    var (toBack, held) = (header, front.handler.removeHeld())
    toBack.writeBuffer(&held)
    ahead = (back.handler.removeHeld(), toBack)
    // NIO leaves epoll and closes its descriptor, which does not end a connection that has another one (close(2)).
    front.channel.close(promise: nil)
    back.channel.close(promise: nil)
  }

  func end() {
    close(front)
    close(back)
    onEnd()
  }
}

extension Channel {
  fileprivate func duplicatedSocket() -> Int32? {
    let copy = try? pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { socket in
      fcntl(socket, F_DUPFD_CLOEXEC, 0)
    }
    return copy.flatMap { $0 >= 0 ? $0 : nil }
  }
}
