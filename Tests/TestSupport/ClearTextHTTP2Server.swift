import NIOCore
import NIOPosix

/// Answers every HTTP/2 request in clear text with a fixed status; implements only the part of RFC 9113 that a probe
/// needs.
package final class ClearTextHTTP2Server: Sendable {
  package let host = "127.0.0.1"
  package let port: UInt16
  private let listener: any Channel

  /// - Parameter indexedStatus: a `:status` of HPACK's static table (RFC 7541 appendix A), as one byte: 0x88 is 200.
  package init(indexedStatus: UInt8) async throws {
    listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Connection(indexedStatus))
        }
      }
      .bind(host: host, port: 0).get()
    port = UInt16(listener.localAddress?.port ?? 0)
  }

  deinit { listener.close(promise: nil) }

  private final class Connection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let indexedStatus: UInt8
    private var received = ByteBuffer()
    private var hasPreface = false

    init(_ indexedStatus: UInt8) { self.indexedStatus = indexedStatus }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      received.writeImmutableBuffer(unwrapInboundIn(data))
      if !hasPreface {
        guard received.readSlice(length: 24) != nil else { return }
        hasPreface = true
        send(type: 4, flags: 0, stream: 0, [], context)  // SETTINGS, all defaults
      }
      while let (type, flags, stream) = readFrame() {
        if type == 4, flags == 0 { send(type: 4, flags: 1, stream: 0, [], context) }
        if type == 1 { send(type: 1, flags: 5, stream: stream, [indexedStatus], context) }  // END_STREAM, END_HEADERS
      }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func readFrame() -> (type: UInt8, flags: UInt8, stream: UInt32)? {
      guard let head = received.getBytes(at: received.readerIndex, length: 9) else { return nil }
      let length = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
      guard received.readSlice(length: 9 + length) != nil else { return nil }
      return (head[3], head[4], head[5...8].reduce(0) { $0 << 8 | UInt32($1) })
    }

    private func send(
      type: UInt8, flags: UInt8, stream: UInt32, _ payload: [UInt8], _ context: ChannelHandlerContext
    ) {
      var frame = ByteBuffer(bytes: [0, 0, UInt8(payload.count), type, flags])
      frame.writeInteger(stream)
      frame.writeBytes(payload)
      context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }
  }
}
