import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import TestSupport

/// An HTTPS upstream that answers one request per connection and then ignores all input: it does not answer a
/// `close_notify`, and keeps the connection open.
final class ForgetfulTLSServer: Sendable {
  let port: UInt16
  private let listener: any Channel
  private let counts: Counts

  private final class Counts: Sendable {
    let connections = Mutex(0)
    let ignoredReads = Mutex(0)
  }

  /// - Parameter sendsCloseNotify: whether it sends `close_notify` (RFC 8446 §6.1) after its answer.
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
          let filter = InputFilter(counts)
          let answerer = Answerer(filter, sendsCloseNotify: sendsCloseNotify)
          try channel.pipeline.syncOperations.addHandlers([filter, NIOSSLServerHandler(context: context), answerer])
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    self.counts = counts
    port = UInt16(listener.localAddress?.port ?? 0)
  }

  deinit { listener.close(promise: nil) }

  var connections: Int { counts.connections.withLock { $0 } }
  /// Number of reads that were ignored.
  var ignoredReads: Int { counts.ignoredReads.withLock { $0 } }

  private final class InputFilter: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    var ignoresInput = false
    private let counts: Counts
    init(_ counts: Counts) { self.counts = counts }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      guard ignoresInput else { return context.fireChannelRead(data) }
      counts.ignoredReads.withLock { $0 += 1 }
    }
  }

  private final class Answerer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let filter: InputFilter
    private let sendsCloseNotify: Bool
    init(_ filter: InputFilter, sendsCloseNotify: Bool) {
      (self.filter, self.sendsCloseNotify) = (filter, sendsCloseNotify)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      filter.ignoresInput = true
      let answer = ByteBuffer(string: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
      context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
      if sendsCloseNotify { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
  }
}
