import Glibc
package import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// One end of a TCP connection under a test's control: it sends arbitrary bytes, whole messages or not, and collects
/// what is received.
package final class RawConnection: Sendable {
  fileprivate struct Inbox {
    var bytes = ByteBuffer()
    var isEnded = false
  }

  private let channel: any Channel
  private let inbox: Handler

  /// Connects to a port of 127.0.0.1, or of another address.
  ///
  /// - Parameters:
  ///   - reading: if false, received bytes stay in the kernel until ``read()``.
  ///   - preface: sent before everything else, in clear text.
  ///   - protocols: enables TLS without verification, offering these protocols by ALPN; `send` and `take` then handle
  ///     the decrypted bytes.
  package static func connect(
    to port: UInt16, of host: String = "127.0.0.1", reading: Bool = true, preface: [UInt8] = [],
    offering protocols: [String]? = nil
  ) async throws -> RawConnection {
    let inbox = Handler()
    let tls = try protocols.map { try clientContext(offering: $0) }
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connectTimeout(.seconds(120))
      .channelOption(.allowRemoteHalfClosure, value: true)
      .channelOption(.autoRead, value: reading)
      .channelOption(.socketOption(.so_rcvbuf), value: 65536)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try pipeline.addHandler(Preface(preface))
          if let tls { try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: "localhost")) }
          try pipeline.addHandler(inbox.adapter)
        }
      }
      .connect(host: host, port: Int(port)).get()
    return RawConnection(channel, inbox)
  }

  /// Connects to a Unix socket.
  package static func connect(unixSocket path: String, reading: Bool = true) async throws -> RawConnection {
    let inbox = Handler()
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(.allowRemoteHalfClosure, value: true)
      .channelOption(.autoRead, value: reading)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(inbox.adapter) }
      }
      .connect(unixDomainSocketPath: path).get()
    return RawConnection(channel, inbox)
  }

  private static func clientContext(offering protocols: [String]) throws -> NIOSSLContext {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.certificateVerification = .none
    configuration.applicationProtocols = protocols
    return try NIOSSLContext(configuration: configuration)
  }

  init(_ channel: any Channel, _ inbox: Handler) { (self.channel, self.inbox) = (channel, inbox) }

  deinit { channel.close(promise: nil) }

  /// Sends; returns once the kernel has accepted all bytes.
  package func send(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get() }

  package func send(_ text: String) async throws { try await send(Array(text.utf8)) }

  /// Sends without waiting, for peers that do not read for a long time.
  package func begin(sending bytes: ByteBuffer) { channel.writeAndFlush(bytes, promise: nil) }

  /// The number of bytes that the kernel has not accepted yet.
  package func unsent() async throws -> Int { Int(try await channel.getOption(.bufferedWritableBytes).get()) }

  /// Ends sending (FIN); received bytes are still read.
  package func finish() async throws { try await channel.close(mode: .output).get() }

  /// Ends a TLS connection with FIN alone, without the alert that should precede it (RFC 8446 §6.1).
  package func endWithoutAlert() async throws {
    try await channel.eventLoop.flatSubmit { [channel] in
      let closed = channel.eventLoop.makePromise(of: Void.self)
      do {
        let tls = try channel.pipeline.syncOperations.context(handlerType: NIOSSLClientHandler.self)
        tls.close(mode: .output, promise: closed)
      } catch { closed.fail(error) }
      return closed.futureResult
    }.get()
  }

  package func close() { channel.close(promise: nil) }

  /// Closes with a TCP reset.
  package func reset() async throws {
    try await (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
    channel.close(promise: nil)
  }

  /// From now on, received bytes stay in the kernel.
  package func stopReading() async throws { try await channel.setOption(.autoRead, value: false).get() }

  /// Reads on after ``stopReading()``.
  package func startReading() async throws { try await channel.setOption(.autoRead, value: true).get() }

  /// Reads one more portion from the kernel while reading is off.
  package func read() { channel.read() }

  /// Reads until that many bytes wait or the connection ends, a portion at a time, while reading is off.
  package func readSlowly(until count: Int = .max) async throws {
    while !isEnded, waiting < count {
      let had = waiting
      read()
      try await eventually(every: .milliseconds(1), "more comes, or the end") { waiting > had || isEnded ? true : nil }
    }
  }

  package var waiting: Int { inbox.state.withLock { $0.bytes.readableBytes } }

  /// Whether no more bytes will arrive.
  package var isEnded: Bool { inbox.state.withLock { $0.isEnded } }

  /// Takes all bytes up to and including a marker; nil if the connection ended without it, leaving the bytes available.
  package func take(through marker: String) async throws -> [UInt8]? {
    let marker = Array(marker.utf8)
    return try await take("bytes through \(marker)") { bytes in
      bytes.readableBytesView.firstRange(of: marker).map { $0.upperBound - bytes.readerIndex }
    }
  }

  /// Takes `count` bytes; nil if the connection ended before, leaving the bytes available.
  package func take(_ count: Int) async throws -> [UInt8]? {
    try await take("\(count) bytes") { $0.readableBytes >= count ? count : nil }
  }

  /// Takes all bytes until the connection ends.
  package func takeAll() async throws -> [UInt8] {
    try await eventually("the connection ends; \(waiting) bytes wait") { isEnded ? true : nil }
    return inbox.state.withLock { state in state.bytes.readBytes(length: state.bytes.readableBytes) ?? [] }
  }

  private func take(_ what: String, length: (ByteBuffer) -> Int?) async throws -> [UInt8]? {
    let taken = try await eventually(every: .milliseconds(2), "\(what) come; \(waiting) are there") { () -> [UInt8]?? in
      inbox.state.withLock { state in
        if let length = length(state.bytes) { return .some(state.bytes.readBytes(length: length)) }
        return state.isEnded ? .some(nil) : nil
      }
    }
    return taken
  }

  private final class Preface: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let bytes: [UInt8]
    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func channelActive(context: ChannelHandlerContext) {
      if !bytes.isEmpty { context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil) }
      context.fireChannelActive()
    }
  }

  /// The received bytes, shared between the event loop and the test.
  final class Handler: Sendable {
    fileprivate let state = Mutex(Inbox())

    var adapter: some ChannelInboundHandler { Adapter(self) }

    private final class Adapter: ChannelInboundHandler {
      typealias InboundIn = ByteBuffer
      private let inbox: Handler
      init(_ inbox: Handler) { self.inbox = inbox }

      func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        inbox.state.withLock { _ = $0.bytes.writeBuffer(&bytes) }
      }

      func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { inbox.state.withLock { $0.isEnded = true } }
      }

      func channelInactive(context: ChannelHandlerContext) { inbox.state.withLock { $0.isEnded = true } }

      func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
  }
}
