import NIOCore
import NIOPosix

/// Listens for a UDP route.
struct DatagramListener: StreamListener {
  let spec: ListenerSpec
  let channel: any Channel

  /// The largest datagram there can be (RFC 768): the rest of a longer one than the buffer would be lost.
  static let largest = 65_535

  /// Throws what bind(2) said.
  static func open(_ spec: ListenerSpec, _ environment: StreamEnvironment) async throws -> DatagramListener {
    let channel = try await DatagramBootstrap(group: environment.group)
      .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: largest))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(DatagramRelayHandler(spec, environment))
        }
      }
      .bind(to: try spec.address).get()
    // Behind bind(2), since NIO asks the socket for its family. A socket with an address of its own answers from that one.
    if spec.listensEverywhere { try await channel.setOption(.receivePacketInfo, value: true).get() }
    return DatagramListener(spec: spec, channel: channel)
  }

  func look() {
    channel.eventLoop.execute {
      try? channel.pipeline.syncOperations.handler(type: DatagramRelayHandler.self).look()
    }
  }
}
