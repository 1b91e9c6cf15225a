import NIOCore
import NIOPosix
import Synchronization
import TestSupport

/// A UDP client.
final class DatagramPeer: Sendable {
  let channel: any Channel
  private let inbox = Inbox()

  private final class Inbox: Sendable {
    let texts = Mutex<[String]>([])
  }

  init(host: String = "127.0.0.1", port: Int) async throws {
    let inbox = inbox
    channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 65_535))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Handler(inbox)) }
      }
      .connect(to: try SocketAddress(ipAddress: host, port: port)).get()
  }

  deinit { channel.close(promise: nil) }

  var received: [String] { inbox.texts.withLock { $0 } }

  func send(_ text: String) async throws { try await channel.writeAndFlush(ByteBuffer(string: text)) }

  /// Sends until the answer arrives, because datagrams may be lost.
  func ask(_ text: String, expecting answer: String) async throws {
    try await eventually("'\(answer)' comes back; there is \(received)") {
      try await send(text)
      return try await arrives(answer) ? () : nil
    }
  }

  private func arrives(_ answer: String) async throws -> Bool {
    (try? await eventually(within: .seconds(1), "") { received.contains(answer) ? () : nil }) != nil
  }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    private let inbox: Inbox
    init(_ inbox: Inbox) { self.inbox = inbox }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let text = String(buffer: unwrapInboundIn(data).data)
      inbox.texts.withLock { $0.append(text) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
  }
}
