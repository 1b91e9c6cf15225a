import NIOCore
import RouteModel
import RouteRegistry
import Synchronization
import TestSupport
import Testing

@testable import ReverseProxy

/// Clients that send requests and never read: the unsent responses of each connection are bounded.
@Suite struct UnreadResponseTests {
  /// The high-water mark of a connection, one response above it, and the answers to one read from the network.
  private static let bound = 1 << 20

  struct Row: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var request: String
    var isSecure = false
  }

  private static let rows = [
    Row(testDescription: "failure page", request: "GET / HTTP/1.1\r\nHost: nowhere\r\n\r\n"),
    Row(testDescription: "failure page over TLS", request: "GET / HTTP/1.1\r\nHost: nowhere\r\n\r\n", isSecure: true),
    Row(testDescription: "HEAD", request: "HEAD / HTTP/1.1\r\nHost: nowhere\r\n\r\n"),
    Row(testDescription: "file", request: "GET /page HTTP/1.1\r\nHost: files\r\n\r\n"),
    Row(testDescription: "large file", request: "GET /large HTTP/1.1\r\nHost: files\r\n\r\n"),
    Row(testDescription: "missing file", request: "HEAD /none HTTP/1.1\r\nHost: files\r\n\r\n"),
    Row(testDescription: "upstream", request: "GET / HTTP/1.1\r\nHost: web\r\n\r\n"),
    Row(testDescription: "upstream without a body", request: "HEAD / HTTP/1.1\r\nHost: web\r\n\r\n"),
  ]

  @Test(.timeLimit(.minutes(10)), arguments: rows)
  func staysBounded(_ row: Row) async throws {
    let folder = try TemporaryDirectory()
    try folder.write(String(repeating: "x", count: 2000), to: "page")
    try folder.write(String(repeating: "x", count: 20_000_000), to: "large")
    let upstream = try await EchoUpstream("web")
    let routes = [try RegisteredRoute.http("files", to: .files(root: folder.path)), try .http("web", to: upstream)]
    try await RunningProxy.serving(
      routes, certificate: row.isSecure ? TestCertificate() : nil, configure: Self.allowTime
    ) { proxy in
      let connection = try await proxy.connect(reading: row.isSecure, offering: row.isSecure ? ["http/1.1"] : nil)
      if row.isSecure {
        // The handshake has to be read.
        try await connection.send(row.request)
        _ = try #require(try await connection.response())
        try await connection.stopReading()
      }
      let count = (24 << 20) / row.request.utf8.count
      connection.begin(sending: ByteBuffer(string: String(repeating: row.request, count: count)))
      try await Self.watch(proxy, connection)
      connection.close()
    }
  }

  /// Flow control does not limit answers without a body.
  @Test(.timeLimit(.minutes(10)), arguments: ["HEAD", "GET"])
  func staysBoundedOverHTTP2(_ method: String) async throws {
    try await RunningProxy.serving([], certificate: TestCertificate(), configure: Self.allowTime) { proxy in
      let client = try await HTTP2Wire.connect(to: proxy)
      try await client.get(host: "nowhere", path: "/", stream: 1)
      #expect(try await client.take { $0.stream == 1 && $0.endsStream } != nil)
      try await client.openWindows()
      try await client.connection.stopReading()
      client.connection.begin(sending: Self.requests(method, count: 300_000))
      try await Self.watch(proxy, client.connection)
      client.connection.close()
    }
  }

  private static func requests(_ method: String, count: Int) -> ByteBuffer {
    let text = { (index: UInt8, value: String) in [index, UInt8(value.utf8.count)] + Array(value.utf8) }
    // :method, :scheme https, :path /, :authority; END_STREAM and END_HEADERS.
    let block = text(2, method) + [0x87, 0x84] + text(1, "nowhere")
    var bytes = ByteBuffer()
    for number in 0..<count {
      bytes.writeBytes([0, 0, UInt8(block.count), 1, 5])
      bytes.writeInteger(UInt32(3 + 2 * number))
      bytes.writeBytes(block)
    }
    return bytes
  }

  /// A client that is slow to send the rest of a request would be refused, and what it sends dropped.
  private static func allowTime(_ configuration: inout ProxyConfiguration) {
    (configuration.timeouts.requestHeader, configuration.timeouts.idle) = (.seconds(3600), .seconds(3600))
  }

  /// Waits until the proxy reads no more requests or has closed the connection.
  private static func watch(_ proxy: RunningProxy, _ connection: RawConnection) async throws {
    var (last, repeats, most, isClosed) = (-1, 0, 0, false)
    try await eventually(every: .milliseconds(50), "the proxy stops reading; it holds \(most) bytes") {
      let held = await proxy.proxy.workers.withLock { $0 }?.unreadBytes().reduce(0, +) ?? 0
      most = max(most, held)
      guard most <= bound, let unsent = try? await connection.unsent() else {
        isClosed = true
        return ()
      }
      (last, repeats) = (unsent, unsent == last ? repeats + 1 : 0)
      return repeats >= 40 ? () : nil
    }
    #expect(most <= bound)
    #expect(isClosed || last > 0, "all requests were taken: they are too few for this test")
  }
}
