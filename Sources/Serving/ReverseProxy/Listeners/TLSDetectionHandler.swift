import NIOCore

/// Sees whether a connection begins as TLS does, passes all on if so, and goes away.
final class TLSDetectionHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer

  /// A record with a handshake in it (RFC 8446 §5.1).
  private static let handshake: UInt8 = 22

  /// Called once if it does not; nothing is passed on then.
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
