import Glibc
import NIOCore

/// Two connected sockets that are to be relayed, taken from the channels that opened them.
struct SocketPair: Sendable {
  let front: Int32
  let back: Int32
  /// What each of them is sent before anything that is read.
  let ahead: (toFront: ByteBuffer, toBack: ByteBuffer)
  let received: (front: ByteCount, back: ByteCount)
  /// After so long without a byte either way both are closed.
  let idle: Duration
  /// Called once, on the relay's thread, when both are closed.
  let onEnd: @Sendable () -> Void

  /// Takes the sockets over: the channels are closed, the connections go on. Nil, and nothing has happened, where a channel
  /// has no socket or the process no descriptor to spare.
  ///
  /// Called on the event loop of both, with the handlers that have kept what was read already. No other handler may have
  /// bytes of its own.
  /// - Parameter header: what the back is sent before the first byte of the front.
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
    var (toBack, held) = (header, front.handler.takeHeld())
    toBack.writeBuffer(&held)
    ahead = (back.handler.takeHeld(), toBack)
    // NIO leaves epoll and closes its descriptor, which ends no connection that has another one (close(2)).
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
