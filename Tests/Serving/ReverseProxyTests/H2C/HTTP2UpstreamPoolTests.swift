import HTTPMessages
import NIOCore
import NIOEmbedded
import RouteModel
import RouteRegistry
import Testing

@testable import ReverseProxy

/// Exchanges that wait for an HTTP/2 upstream to read.
@Suite struct HTTP2UpstreamPoolTests {
  private let channel = EmbeddedChannel()
  private let worker: ProxyWorker
  private let pool: HTTP2UpstreamPool

  init() throws {
    let configuration = ProxyConfiguration()
    worker = ProxyWorker(
      eventLoop: channel.embeddedEventLoop, services: try .forTest(configuration),
      settings: ProxySettings(configuration, identity: ProxyIdentity()))
    let route = try RegisteredRoute.http("web", to: .network(scheme: .h2c, host: "127.0.0.1", port: 9))
    pool = HTTP2UpstreamPool(try #require(UpstreamEndpoint(route.route)), worker: worker)
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 9)).wait()
    try HTTP2UpstreamConnection.start(on: channel, pool: pool, worker: worker)
    // SETTINGS, after which the pool uses the connection.
    try channel.writeInbound(ByteBuffer(bytes: [0, 0, 0, 4, 0, 0, 0, 0, 0]))
    _ = try heads()
  }

  private func setWritable(_ isWritable: Bool) {
    channel.isWritable = isWritable
    channel.pipeline.fireChannelWritabilityChanged()
  }

  /// The paths of the requests sent since the last call: each head is one frame.
  private func heads() throws -> [String] {
    channel.embeddedEventLoop.run()
    var output = ByteBuffer()
    while var bytes = try channel.readOutbound(as: ByteBuffer.self) { output.writeBuffer(&bytes) }
    var paths: [String] = []
    if output.readableBytesView.starts(with: Array("PRI".utf8)) { output.moveReaderIndex(forwardBy: 24) }
    while let length = output.getBytes(at: output.readerIndex, length: 3), output.readableBytes >= 9 {
      let count = 9 + length.reduce(0) { $0 << 8 | Int($1) }
      guard let frame = output.readBytes(length: count), frame[3] == 1 else { continue }
      let text = String(decoding: frame.dropFirst(9), as: UTF8.self)
      paths.append(String(text.drop { $0 != "/" }.prefix(3)))
    }
    return paths
  }

  private func exchange(_ path: String) throws -> Exchange {
    let head = try RequestHead(ByteBuffer(string: "GET \(path) HTTP/1.1\r\nHost: web\r\n\r\n"), limits: MessageLimits())
    return Exchange(
      head, peer: worker.peer(of: channel), client: SilentClient(), protocolName: "HTTP/2.0", worker: worker)
  }

  @Test func waitWhileTheUpstreamIsSlowToRead() throws {
    let exchanges = try (1...4).map { try exchange("/\($0)a") }
    pool.serve(exchanges[0], onNewConnection: false)
    #expect(try heads() == ["/1a"])
    setWritable(false)
    for exchange in exchanges[1...] { pool.serve(exchange, onNewConnection: false) }
    exchanges[2].clientDisconnected()
    #expect(try heads() == [])
    #expect(!pool.isEmpty)
    setWritable(true)
    #expect(try heads() == ["/2a", "/4a"])
    for exchange in exchanges { exchange.clientDisconnected() }
    _ = try channel.finish(acceptAlreadyClosed: true)
  }

  @Test func thoseOfClientsThatAreGoneAreReleasedOnceAStreamEnds() throws {
    setWritable(false)
    let references = try (1...9).map { number in
      let exchange = try exchange("/\(number)a")
      pool.serve(exchange, onNewConnection: false)
      exchange.clientDisconnected()
      return Reference(exchange: exchange)
    }
    pool.serveWaiting()
    #expect(references.allSatisfy { $0.exchange == nil })
    _ = try channel.finish(acceptAlreadyClosed: true)
  }

  private struct Reference {
    weak var exchange: Exchange?
  }

  @Test func thoseThatAreCancelledLeaveTheQueue() throws {
    setWritable(false)
    // The others are not the first ones.
    let first = try exchange("/1a")
    pool.serve(first, onNewConnection: false)
    var references: [Reference] = []
    for number in 0..<1000 {
      let exchange = try exchange("/\(number)")
      references.append(Reference(exchange: exchange))
      pool.serve(exchange, onNewConnection: false)
      exchange.clientDisconnected()
    }
    #expect(references.count { $0.exchange != nil } <= 64)
    #expect(try heads() == [])
    first.clientDisconnected()
    _ = try channel.finish(acceptAlreadyClosed: true)
  }

  /// An upstream that reads nothing: heads wait on the channel only until it is full.
  @Test func cancelledHeadsDoNotWaitOnTheChannel() throws {
    final class FullChannel: ChannelOutboundHandler {
      typealias OutboundIn = ByteBuffer
      let channel: EmbeddedChannel
      private(set) var bytes = 0

      init(_ channel: EmbeddedChannel) { self.channel = channel }

      func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        bytes += unwrapOutboundIn(data).readableBytes
        context.write(data, promise: promise)
        guard bytes > 65_536, channel.isWritable else { return }
        channel.isWritable = false
        channel.pipeline.fireChannelWritabilityChanged()
      }
    }
    let full = FullChannel(channel)
    try channel.pipeline.syncOperations.addHandler(full, position: .first)
    for _ in 0..<1000 {
      let exchange = try exchange("/" + String(repeating: "a", count: 30_000))
      pool.serve(exchange, onNewConnection: false)
      exchange.clientDisconnected()
    }
    channel.embeddedEventLoop.run()
    #expect((65_536..<200_000).contains(full.bytes), "\(full.bytes) of 30 MB")
    _ = try channel.finish(acceptAlreadyClosed: true)
  }

  /// A connection that is writable again at each flush calls the pool back.
  @Test func manyThatWaitAreServedWithoutRecursion() throws {
    final class Kernel: ChannelOutboundHandler {
      typealias OutboundIn = ByteBuffer
      let channel: EmbeddedChannel
      private var depth = 0
      private(set) var deepest = 0

      init(_ channel: EmbeddedChannel) { self.channel = channel }

      func flush(context: ChannelHandlerContext) {
        depth += 1
        deepest = max(deepest, depth)
        context.flush()
        for isWritable in [false, true] {
          channel.isWritable = isWritable
          channel.pipeline.fireChannelWritabilityChanged()
        }
        depth -= 1
      }
    }
    let kernel = Kernel(channel)
    try channel.pipeline.syncOperations.addHandler(kernel, position: .first)
    setWritable(false)
    // A few make the output large enough to be sent at once.
    let exchanges = try (0..<100).map { _ in try exchange("/" + String(repeating: "a", count: 30_000)) }
    for exchange in exchanges { pool.serve(exchange, onNewConnection: false) }
    setWritable(true)
    #expect(try heads().count == 100)
    #expect((1...3).contains(kernel.deepest))
    for exchange in exchanges { exchange.clientDisconnected() }
    _ = try channel.finish(acceptAlreadyClosed: true)
  }
}
