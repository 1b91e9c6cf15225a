import Glibc
package import Logging
package import NIOCore

/// Accepts connections only while file descriptors are available, and keeps the listener open and idle while there are
/// none.
///
/// It accepts one connection at a time, because each one changes what is available for the next.
///
/// The back-off that ServerBootstrap installs only delays the *next* read. The failed one stays pending in the channel,
/// so epoll reports the socket again at once and accept(2) fails in a busy loop.
package final class AcceptGate: ChannelDuplexHandler {
  package typealias InboundIn = any Channel
  package typealias OutboundIn = Never

  private static let pause = TimeAmount.milliseconds(100)
  /// The errors after which NIO leaves a listener open (accept(2)).
  private static let passing: Set<CInt> = [ECONNABORTED, EMFILE, ENFILE, ENOBUFS, ENOMEM]

  private let budget: DescriptorBudget
  private let use: DescriptorBudget.Use
  private let logger: Logger
  private var isFailing = false
  private var isWaiting = false

  package init(
    _ budget: DescriptorBudget = DescriptorBudget(), for use: DescriptorBudget.Use = .client, logger: Logger
  ) {
    (self.budget, self.use, self.logger) = (budget, use, logger)
  }

  package func handlerAdded(context: ChannelHandlerContext) {
    try? context.channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
  }

  /// Connections wait in the kernel's queue until others end.
  package func read(context: ChannelHandlerContext) {
    guard !isWaiting else { return }
    guard budget.isShort(for: use) else { return context.read() }
    if budget.shouldLogShortage() {
      // Above info, because nothing else reports it: clients only wait.
      logger.warning(
        "connections wait: too few file descriptors", metadata: ["limit": "\(budget.limit)"])
    }
    isWaiting = true
    context.eventLoop.assumeIsolated().scheduleTask(in: Self.pause) { [weak self] in
      guard let self else { return }
      self.isWaiting = false
      if context.channel.isActive { self.read(context: context) }
    }
  }

  package func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? IOError, Self.passing.contains(error.errnoCode) else {
      context.fireErrorCaught(error)
      return
    }
    if !isFailing { logger.warning("connections cannot be accepted", metadata: ["error": "\(error)"]) }
    isFailing = true
    pause(context.channel)
  }

  package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if isFailing { logger.info("connections are accepted again") }
    isFailing = false
    // For the client's upstream or file: it has one at a time, except for the streams of HTTP/2.
    if use == .client { budget.promise(until: unwrapInboundIn(data).closeFuture) }
    context.fireChannelRead(data)
  }

  private func pause(_ channel: any Channel) {
    // A channel that was closed in the meantime refuses the option, and no longer needs it.
    channel.setOption(.autoRead, value: false)
      .whenSuccess { channel.eventLoop.scheduleTask(in: Self.pause) { channel.setOption(.autoRead, value: true) } }
  }
}
