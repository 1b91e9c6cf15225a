import NIOCore
import NIOPosix
import ServerSockets

/// Listens for a UDP route.
struct DatagramListener: StreamListener {
  let spec: ListenerSpec
  let channel: any Channel

  /// The maximum size of a datagram (RFC 768): one longer than the buffer would be cut off.
  static let largest = 65_535

  /// Throws the error of bind(2).
  static func open(_ spec: ListenerSpec, _ environment: StreamEnvironment) async throws -> DatagramListener {
    let channel = try await DatagramBootstrap(group: environment.group)
      .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: largest))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(DatagramRelayHandler(spec, environment))
        }
      }
      .listen(at: spec.address, environment.inherited)
    // After bind(2), because NIO asks the socket for its family. A socket bound to one address answers from that
    // address.
    if spec.listensEverywhere { try await channel.setOption(.receivePacketInfo, value: true).get() }
    return DatagramListener(spec: spec, channel: channel)
  }

  func refresh() {
    channel.eventLoop.execute {
      try? channel.pipeline.syncOperations.handler(type: DatagramRelayHandler.self).refresh()
    }
  }
}
