import Glibc
package import Logging
package import NIOCore

/// Keeps the listener alive, and idle, while connections cannot be accepted: as a rule because the process has no file
/// descriptor left.
///
/// The back-off that ServerBootstrap itself installs only holds back the *next* read. The one that failed stays pending
/// in the channel, so epoll reports the socket again at once and accept(2) fails in a busy loop.
package final class AcceptFailureHandler: ChannelInboundHandler {
  package typealias InboundIn = any Channel

  private static let pause = TimeAmount.milliseconds(100)
  /// The errors after which NIO leaves a listener open (accept(2)).
  private static let passing: Set<CInt> = [ECONNABORTED, EMFILE, ENFILE, ENOBUFS, ENOMEM]

  private let logger: Logger
  private var isFailing = false

  package init(logger: Logger) { self.logger = logger }

  package func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? IOError, Self.passing.contains(error.errnoCode) else {
      context.fireErrorCaught(error)
      return
    }
    if !isFailing {
      // Above info, since nobody is told by other means: who connects only waits.
      logger.warning("connections cannot be accepted", metadata: ["error": "\(error)"])
    }
    isFailing = true
    pause(context.channel)
  }

  package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if isFailing { logger.info("connections are accepted again") }
    isFailing = false
    context.fireChannelRead(data)
  }

  private func pause(_ channel: any Channel) {
    // A channel that was closed meanwhile refuses the option, and needs it no more.
    channel.setOption(.autoRead, value: false)
      .whenSuccess { channel.eventLoop.scheduleTask(in: Self.pause) { channel.setOption(.autoRead, value: true) } }
  }
}
