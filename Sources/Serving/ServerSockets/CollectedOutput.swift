package import NIOCore

/// The output of a connection. Small pieces are copied to one buffer, which is written with the next flush: at once
/// while the other side reads, else when earlier output was sent.
package final class CollectedOutput {
  /// Nil while the channel is closed.
  package var context: ChannelHandlerContext?
  private var collected = ByteBuffer()
  /// Something was written to the channel since the last flush.
  private var hasWritten = false
  private var unsent = UnsentOutput()

  package init() {}

  /// Copies a small piece.
  package func collect(_ piece: ByteBuffer) {
    guard context != nil else { return }
    collected.writeImmutableBuffer(piece)
    if collected.readableBytes >= UnsentOutput.highWater { send() }
  }

  /// Writes a large piece as it is.
  package func write(_ piece: NIOAny) {
    if collected.readableBytes > 0 { context?.write(NIOAny(removeCollected()), promise: nil) }
    hasWritten = true
    context?.write(piece, promise: nil)
  }

  /// Sends the output unless it is small and has to wait.
  package func flush() {
    guard hasWritten || !unsent.keeps(collected.readableBytes) else { return }
    send()
  }

  /// Sends the output.
  package func send() {
    guard let context, hasWritten || collected.readableBytes > 0 else { return }
    hasWritten = false
    guard collected.readableBytes > 0 else { return context.flush() }
    let sent = unsent.promise(on: context.channel) {
      self.unsent.sent()
      self.flush()
    }
    context.writeAndFlush(NIOAny(removeCollected()), promise: sent)
  }

  private func removeCollected() -> ByteBuffer {
    defer { collected = ByteBuffer() }
    return collected
  }
}
