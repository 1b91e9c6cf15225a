package import NIOCore
import NIOSSL

extension ChannelHandlerContext {
  /// Closes the channel of a client after an error.
  ///
  /// A client that has ended TLS without an alert (RFC 8446 §6.1), or reset the connection, sends none later. If it were
  /// awaited, NIOSSL would keep all memory of the connection (50 KB) for five seconds. Closing the output closes all: the
  /// input is closed, or the error ends the channel anyway.
  package func close(after error: any Error) {
    let isGone = error is IOError || error as? NIOSSLError == .uncleanShutdown
    close(mode: isGone ? .output : .all, promise: nil)
  }
}
