import NIOCore

/// One side of what is to be relayed: it keeps what arrives until the other side is connected, and stops reading with the
/// first bytes. Joined by a ``ChannelRelay``, what it reads is written to the other side.
final class RelayHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// Bytes that this side has read.
  let received = ByteCount()
  private(set) var isClosed = false
  /// Whether this side said that nothing more comes from it.
  private var hasEnded: Bool
  /// Whether reading waits for the other side to take more.
  private var isPaused = false
  private var held = ByteBuffer()
  private var context: ChannelHandlerContext?
  private var peer: RelayHandler?
  private var pair: RelayPair?

  init(hasEnded: Bool = false) { self.hasEnded = hasEnded }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard let peer else { return keep(unwrapInboundIn(data)) }
    received.add(unwrapInboundIn(data).readableBytes)
    // As it came: wrapping it anew would cost a cast a message.
    peer.context?.write(data, promise: nil)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    guard let peer else { return }
    pair?.noteActivity()
    peer.context?.flush()
    if peer.isWritable { context.read() } else { isPaused = true }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    guard let peer, peer.isPaused, context.channel.isWritable else { return }
    pair?.noteActivity()
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
    // Nobody is left to read what this one would still be sent: only what is on its way to the other one counts.
    peer?.finish(.all)
    pair?.sideClosed()
  }

  /// What broke the channel closes it, which is all that there is to do; the end of TLS without its goodbye is none.
  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  private var isWritable: Bool { context?.channel.isWritable ?? false }
}

// How a side is joined and left.
extension RelayHandler {
  func prepare(for peer: RelayHandler, of pair: RelayPair) {
    (self.peer, self.pair) = (peer, pair)
    stopReadingByItself()
  }

  func begin() {
    if held.readableBytes > 0 { peer?.context?.writeAndFlush(wrapOutboundOut(held), promise: nil) }
    held = ByteBuffer()
    if hasEnded { peer?.finish(.output) }
    // Between its connect and here it may have gone.
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

  /// Closes behind the last byte that is still to be written: by itself NIO drops those bytes where the input is closed.
  private func finish(_ mode: CloseMode) {
    guard let context else { return }
    let written = context.eventLoop.makePromise(of: Void.self)
    context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
    written.futureResult.assumeIsolated().whenComplete { _ in context.close(mode: mode, promise: nil) }
  }

  /// Keeps bytes that were read before the other side was there.
  func keep(_ bytes: ByteBuffer) {
    var bytes = bytes
    received.add(bytes.readableBytes)
    if held.readableBytes == 0 { held = bytes } else { held.writeBuffer(&bytes) }
    stopReadingByItself()
  }

  /// What was kept, for somebody who goes on in its place.
  func takeHeld() -> ByteBuffer {
    defer { held = ByteBuffer() }
    return held
  }

  private func stopReadingByItself() { try? context?.channel.syncOptions?.setOption(.autoRead, value: false) }
}
