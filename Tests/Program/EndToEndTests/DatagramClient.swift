import NIOCore
import NIOPosix
import Synchronization
import TestSupport

/// A UDP client of a port of 127.0.0.1.
final class DatagramClient: Sendable {
  private let channel: any Channel
  private let last: Inbox

  static func connect(to port: UInt16) async throws -> DatagramClient {
    let last = Inbox()
    let channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Handler(last)) }
      }
      .connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: Int(port))).get()
    return DatagramClient(channel, last)
  }

  private init(_ channel: any Channel, _ last: Inbox) { (self.channel, self.last) = (channel, last) }

  deinit { channel.close(promise: nil) }

  /// Sends the text until that answer is there: datagrams get lost.
  func send(_ text: String, until answer: String) async throws {
    try await eventually("the answer comes back") {
      try await channel.writeAndFlush(ByteBuffer(string: text))
      return last.text.withLock { $0 } == answer ? () : nil
    }
  }

  private final class Inbox: Sendable { let text = Mutex("") }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    private let last: Inbox
    init(_ last: Inbox) { self.last = last }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let text = String(buffer: unwrapInboundIn(data).data)
      last.text.withLock { $0 = text }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
  }
}
