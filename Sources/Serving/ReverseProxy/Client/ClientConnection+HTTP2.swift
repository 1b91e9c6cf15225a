import NIOCore

// HTTP/2 without TLS, with prior knowledge (RFC 9113 §3.3).
extension ClientConnection {
  private static let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

  /// Whether the connection starts with the HTTP/2 preface; nil while too few bytes are there. Over TLS, ALPN decides.
  func startsWithHTTP2(_ input: ByteBuffer) -> Bool? {
    guard !peer.isSecure else { return false }
    let count = min(input.readableBytes, Self.preface.utf8.count)
    guard input.readableBytesView.prefix(count).elementsEqual(Self.preface.utf8.prefix(count)) else { return false }
    return count == Self.preface.utf8.count ? true : nil
  }

  func startHTTP2(_ context: ChannelHandlerContext, received: ByteBuffer) {
    do {
      try HTTP2Connection.start(
        on: context.channel, after: self, received: received, peer: peer, worker: worker)
      context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    } catch { context.close(promise: nil) }
  }
}
