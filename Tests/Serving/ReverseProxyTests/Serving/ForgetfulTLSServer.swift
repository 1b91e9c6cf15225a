import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import TestSupport

/// An HTTPS upstream that answers one request a connection, and from then on hears nothing: a goodbye of TLS stays
/// without an answer, and the connection open.
final class ForgetfulTLSServer: Sendable {
  let port: UInt16
  private let listener: any Channel
  private let counts: Counts

  private final class Counts: Sendable {
    let connections = Mutex(0)
    let ignoredReads = Mutex(0)
  }

  /// - Parameter sendsCloseNotify: it says `close_notify` (RFC 8446 §6.1) behind its answer.
  init(_ certificate: TestCertificate, sendsCloseNotify: Bool) async throws {
    let counts = Counts()
    let context = try NIOSSLContext(
      configuration: .makeServerConfiguration(
        certificateChain: try NIOSSLCertificate.fromPEMFile(certificate.chainFile).map { .certificate($0) },
        privateKey: .privateKey(try NIOSSLPrivateKey(file: certificate.keyFile, format: .pem))))
    listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          counts.connections.withLock { $0 += 1 }
          let ears = Ears(counts)
          let answerer = Answerer(ears, sendsCloseNotify: sendsCloseNotify)
          try channel.pipeline.syncOperations.addHandlers([ears, NIOSSLServerHandler(context: context), answerer])
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    self.counts = counts
    port = UInt16(listener.localAddress?.port ?? 0)
  }

  deinit { listener.close(promise: nil) }

  var connections: Int { counts.connections.withLock { $0 } }
  /// How often something came that was not heard.
  var ignoredReads: Int { counts.ignoredReads.withLock { $0 } }

  private final class Ears: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    var isDeaf = false
    private let counts: Counts
    init(_ counts: Counts) { self.counts = counts }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      guard isDeaf else { return context.fireChannelRead(data) }
      counts.ignoredReads.withLock { $0 += 1 }
    }
  }

  private final class Answerer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let ears: Ears
    private let sendsCloseNotify: Bool
    init(_ ears: Ears, sendsCloseNotify: Bool) { (self.ears, self.sendsCloseNotify) = (ears, sendsCloseNotify) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      ears.isDeaf = true
      let answer = ByteBuffer(string: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
      context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
      if sendsCloseNotify { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
  }
}
