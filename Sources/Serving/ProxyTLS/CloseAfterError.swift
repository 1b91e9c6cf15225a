package import NIOCore
import NIOSSL

extension ChannelHandlerContext {
  /// Closes the channel of a client after an error.
  ///
  /// A client that has ended TLS without an alert (RFC 8446 §6.1), or reset the connection, sends none later. If it were
  /// awaited, NIOSSL would keep all memory of the connection (50 KB) for five seconds. So only the output is closed
  /// first: that closes all if the input is closed, and NIO closes the channel after most errors of the socket.
  package func close(after error: any Error) {
    guard error is IOError || error as? NIOSSLError == .uncleanShutdown else { return close(promise: nil) }
    close(mode: .output, promise: nil)
    eventLoop.assumeIsolated().execute { if self.channel.isActive { self.close(promise: nil) } }
  }
}
