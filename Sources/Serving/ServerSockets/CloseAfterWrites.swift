package import NIOCore

extension ChannelHandlerContext {
  /// Closes the channel, or its output, once everything that was written before has been sent. On its own, NIO drops what
  /// is unsent if the input is closed, or if the whole channel is to be closed.
  package func closeAfterWrites(_ mode: CloseMode, promise: EventLoopPromise<Void>? = nil) {
    let written = eventLoop.makePromise(of: Void.self)
    writeAndFlush(NIOAny(ByteBuffer()), promise: written)
    written.futureResult.assumeIsolated().whenComplete { _ in self.close(mode: mode, promise: promise) }
  }
}
