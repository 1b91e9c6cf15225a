import NIOCore

/// Checks whether a connection starts with a TLS handshake; if so, passes the bytes on and removes itself.
final class TLSDetectionHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer

  /// Content type of a handshake record (RFC 8446 §5.1).
  private static let handshake: UInt8 = 22

  /// Called once for clear text; no bytes are passed on then.
  private let onClearText: () -> Void
  private var isClearText = false

  init(onClearText: @escaping () -> Void) { self.onClearText = onClearText }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    guard !isClearText, let first = bytes.getInteger(at: bytes.readerIndex, as: UInt8.self) else { return }
    if first == Self.handshake {
      context.fireChannelRead(data)
      context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    } else {
      isClearText = true
      onClearText()
    }
  }
}
