import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import ProxyTLS

/// Serves the certificates of a store, by SNI, on a free loopback port.
final class TLSServer: Sendable {
  private let listener: any Channel
  let port: Int

  init(_ store: CertificateStore) async throws {
    listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let choice = SNIHandler { result in
            channel.eventLoop.makeCompletedFuture {
              let name: String? = if case .hostname(let name) = result { name } else { nil }
              guard let context = store.context(forServername: name) else { throw ChannelError.eof }
              try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
            }
          }
          try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(choice))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    port = listener.localAddress?.port ?? 0
  }

  deinit { listener.close(promise: nil) }
}
