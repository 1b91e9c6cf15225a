import NIOCore
import ProxyTLS
import ServerSockets

/// One side of a relay: holds received bytes until the other side is connected, and stops reading after the first ones.
/// Joined by a ``ChannelRelay``, it writes the bytes it reads to the other side.
final class RelayHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// The number of bytes up to which a piece is copied: a slice keeps the whole buffer of its read in memory, which is
  /// 32 KiB over TLS.
  private static let maxCopied = 4 * 1024

  /// The number of bytes read from this side.
  let received = ByteCount()
  private(set) var isClosed = false
  /// Whether this side has ended its output.
  private var hasEnded: Bool
  /// Whether reading is paused until the other side accepts more.
  private var isPaused = false
  private var held = ByteBuffer()
  /// The bytes for this side.
  private let output = CollectedOutput()
  private var peer: RelayHandler?
  private var pair: RelayPair?

  init(hasEnded: Bool = false) { self.hasEnded = hasEnded }

  func handlerAdded(context: ChannelHandlerContext) { output.context = context }

  func handlerRemoved(context: ChannelHandlerContext) { output.context = nil }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    guard let peer else { return keep(bytes) }
    received.add(bytes.readableBytes)
    guard bytes.readableBytes > Self.maxCopied else { return peer.output.collect(bytes) }
    // Passed on as it is: wrapping it again would cost a cast per message.
    peer.output.write(data)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    guard let peer else { return }
    pair?.recordActivity()
    peer.output.flush()
    if peer.isWritable { context.read() } else { isPaused = true }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    guard let peer, peer.isPaused, context.channel.isWritable else { return }
    pair?.recordActivity()
    peer.isPaused = false
    peer.context?.read()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case .inputClosed? = event as? ChannelEvent else { return }
    hasEnded = true
    peer?.finish(.output)
  }

  func channelInactive(context: ChannelHandlerContext) {
    isClosed = true
    // The reader is gone: only bytes in flight to the other side still matter.
    peer?.finish(.all)
    pair?.sideClosed()
  }

  /// An error closes the channel, which is all there is to do; the end of TLS without a close notification is not an
  /// error.
  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(after: error) }

  private var context: ChannelHandlerContext? { output.context }

  private var isWritable: Bool { context?.channel.isWritable ?? false }
}

// Joining and leaving.
extension RelayHandler {
  func prepare(for peer: RelayHandler, of pair: RelayPair) {
    (self.peer, self.pair) = (peer, pair)
    stopReadingByItself()
  }

  func begin() {
    if held.readableBytes > 0 { peer?.context?.writeAndFlush(wrapOutboundOut(held), promise: nil) }
    held = ByteBuffer()
    if hasEnded { peer?.finish(.output) }
    // The channel may have closed since it was connected.
    guard context?.channel.isActive == true else {
      isClosed = true
      peer?.finish(.all)
      pair?.sideClosed()
      return
    }
    context?.read()
  }

  func leave() { (peer, pair) = (nil, nil) }

  func close() { context?.close(promise: nil) }

  private func finish(_ mode: CloseMode) {
    output.send()
    context?.closeAfterWrites(mode)
  }

  /// Holds bytes that were read before the other side was connected.
  func keep(_ bytes: ByteBuffer) {
    var bytes = bytes
    received.add(bytes.readableBytes)
    if held.readableBytes == 0 { held = bytes } else { held.writeBuffer(&bytes) }
    stopReadingByItself()
  }

  /// Removes and returns the held bytes.
  func removeHeld() -> ByteBuffer {
    defer { held = ByteBuffer() }
    return held
  }

  private func stopReadingByItself() { try? context?.channel.syncOptions?.setOption(.autoRead, value: false) }
}
