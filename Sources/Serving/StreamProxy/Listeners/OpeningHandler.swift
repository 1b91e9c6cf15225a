import NIOCore
import NIOTLS

/// Waits for what precedes a connection's payload (a PROXY header, the TLS handshake), then removes itself.
final class OpeningHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer

  private var awaitsHeader: Bool
  private var awaitsHandshake: Bool
  private let timeout: TimeAmount
  private let onOpen: (ProxyHeader?) -> Void
  private var header: ProxyHeader?
  private var deadline: Scheduled<Void>?
  private var isActive = false

  init(
    awaitsHeader: Bool, awaitsHandshake: Bool, timeout: TimeAmount, onOpen: @escaping (ProxyHeader?) -> Void
  ) {
    self.awaitsHeader = awaitsHeader
    self.awaitsHandshake = awaitsHandshake
    self.timeout = timeout
    self.onOpen = onOpen
  }

  func channelActive(context: ChannelHandlerContext) {
    context.fireChannelActive()
    isActive = true
    openIfComplete(context)
    guard deadline == nil, awaitsHeader || awaitsHandshake else { return }
    deadline = context.eventLoop.assumeIsolated().scheduleTask(in: timeout) { context.close(promise: nil) }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case let event as ProxyHeader: (header, awaitsHeader) = (event, false)
    case TLSUserEvent.handshakeCompleted: awaitsHandshake = false
    default: return context.fireUserInboundEventTriggered(event)
    }
    openIfComplete(context)
  }

  func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }

  private func openIfComplete(_ context: ChannelHandlerContext) {
    guard isActive, !awaitsHeader, !awaitsHandshake else { return }
    onOpen(header)
    context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
  }
}
