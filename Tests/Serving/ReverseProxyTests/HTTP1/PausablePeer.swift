import NIOCore

/// The other side of an embedded channel. While it does not read, what is flushed waits in the channel.
final class PausablePeer: ChannelOutboundHandler {
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  var isReading = true {
    didSet { if isReading, let context { flush(context: context) } }
  }
  private(set) var unread: [ByteBuffer] = []
  /// The number of writes whose completion is awaited.
  private(set) var promises = 0
  private var context: ChannelHandlerContext?

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }
  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    unread.append(unwrapOutboundIn(data))
    if promise != nil { promises += 1 }
    context.write(data, promise: promise)
  }

  func flush(context: ChannelHandlerContext) {
    guard isReading else { return }
    unread = []
    context.flush()
  }

  /// The memory that the unread bytes keep.
  var unreadCapacity: Int { unread.reduce(0) { $0 + $1.storageCapacity } }
}
