import NIOCore
import NIOPosix
import Synchronization

/// A UDP service on its own loopback address, whose answers the test provides.
package final class DatagramServer: Sendable {
  package let host: String
  package let port: UInt16
  private let channel: any Channel
  private let script: Script

  /// - Parameter answers: returns the answers to each datagram, in order.
  package init(host chosen: String? = nil, answers: @escaping @Sendable ([UInt8]) -> [[UInt8]]) async throws {
    host = chosen ?? "127.\((1...254).randomElement() ?? 1).\(UInt8.random(in: 0...255)).9"
    let script = Script(answers)
    channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Handler(script)) }
      }
      .bind(host: host, port: 0).get()
    self.script = script
    port = UInt16(channel.localAddress?.port ?? 0)
  }

  deinit { channel.close(promise: nil) }

  /// All datagrams so far.
  package var received: [[UInt8]] { script.received.withLock { $0 } }

  /// Sends a datagram from the server's own address.
  package func send(_ text: String, to host: String, _ port: Int) async throws {
    let address = try SocketAddress(ipAddress: host, port: port)
    try await channel.writeAndFlush(AddressedEnvelope(remoteAddress: address, data: ByteBuffer(string: text)))
  }

  /// Once this returns, the port refuses datagrams.
  package func stop() async throws { try await channel.close() }

  private final class Script: Sendable {
    let answers: @Sendable ([UInt8]) -> [[UInt8]]
    let received = Mutex<[[UInt8]]>([])
    init(_ answers: @escaping @Sendable ([UInt8]) -> [[UInt8]]) { self.answers = answers }
  }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>
    private let script: Script
    init(_ script: Script) { self.script = script }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let envelope = unwrapInboundIn(data)
      let bytes = Array(envelope.data.readableBytesView)
      script.received.withLock { $0.append(bytes) }
      for answer in script.answers(bytes) {
        let reply = AddressedEnvelope(remoteAddress: envelope.remoteAddress, data: ByteBuffer(bytes: answer))
        context.writeAndFlush(wrapOutboundOut(reply), promise: nil)
      }
    }
  }
}
