import HTTPMessages
import NIOCore
import NIOEmbedded
import RouteModel
import RouteRegistry
import Testing

@testable import ReverseProxy

/// The writes of a request to an HTTP/1.1 upstream.
@Suite struct UpstreamWriteTests {
  private static let fields = "POST / HTTP/1.1\r\nHost: web\r\n"

  private let channel = EmbeddedChannel()
  private let peer = PausablePeer()
  private let worker: ProxyWorker
  private let connection: UpstreamConnection

  init() throws {
    let configuration = ProxyConfiguration()
    let settings = ProxySettings(configuration, identity: ProxyIdentity())
    worker = ProxyWorker(
      eventLoop: channel.embeddedEventLoop, services: try .forTest(configuration), settings: settings)
    let route = try RegisteredRoute.http("web", to: .network(scheme: .http, host: "127.0.0.1", port: 1))
    let pool = UpstreamPool(try #require(UpstreamEndpoint(route.route)), worker: worker)
    connection = UpstreamConnection(pool: pool, permit: nil, worker: worker)
    try channel.pipeline.syncOperations.addHandlers([peer, connection])
  }

  private func begin(_ framing: String) throws {
    let head = ByteBuffer(string: "\(Self.fields)\(framing)\r\n\r\n")
    let client = worker.peer(of: channel, isSecure: true)
    let exchange = Exchange(
      try RequestHead(head, limits: MessageLimits()), peer: client,
      client: ClientConnection(peer: client, worker: worker), worker: worker)
    connection.serve(exchange, head: head, until: .distantFuture)
    #expect(try received() == String(buffer: head))
  }

  private func received() throws -> String {
    var text = ""
    while let bytes = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: bytes) }
    return text
  }

  /// A body of one-byte frames, each a slice of a read, for an upstream that does not read.
  @Test(arguments: [false, true]) func aBodyOfSingleBytesWaitsInFewBuffers(isChunked: Bool) throws {
    try begin(isChunked ? "Transfer-Encoding: chunked" : "Content-Length: 50000")
    peer.isReading = false
    for _ in 0..<50_000 {
      var read = ByteBufferAllocator().buffer(capacity: 16 * 1024)
      read.writeStaticString("x")
      connection.send(read)
      connection.flush()
    }
    #expect(peer.unread.count <= 16 && peer.unreadCapacity <= 1 << 20, "\(peer.unread.count)")
    connection.sendEnd(nil)
    peer.isReading = true
    let piece = isChunked ? "1\r\nx\r\n" : "x"
    let isWhole = try received() == String(repeating: piece, count: 50_000) + (isChunked ? "0\r\n\r\n" : "")
    #expect(isWhole)
  }

  @Test func smallPiecesOfOneReadAreOneWrite() throws {
    try begin("Transfer-Encoding: chunked")
    peer.isReading = false
    for text in ["some ", "small ", "pieces"] { connection.send(ByteBuffer(string: text)) }
    connection.sendEnd(nil)
    #expect(peer.unread.map { String(buffer: $0) } == ["5\r\nsome \r\n6\r\nsmall \r\n6\r\npieces\r\n0\r\n\r\n"])
  }

  @Test func theEndOfATunnelFollowsWhatWaits() throws {
    try begin("Content-Length: 3")
    peer.isReading = false
    for text in ["1", "2"] + Array(repeating: "x", count: 20) {
      connection.send(ByteBuffer(string: text))
      connection.flush()
    }
    connection.closeOutput()
    #expect(peer.unread.reduce(0) { $0 + $1.readableBytes } == 22)
  }
}
