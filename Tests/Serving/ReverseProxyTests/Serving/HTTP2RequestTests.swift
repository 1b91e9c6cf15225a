import NIOCore
import NIOHPACK
import TestSupport
import Testing

@testable import ReverseProxy

/// HTTP/2 carries everything that HTTP/1.1 does.
@Suite(.timeLimit(.minutes(5))) struct HTTP2RequestTests {
  private static let get = HPACKHeaders([
    (":method", "GET"), (":scheme", "https"), (":path", "/"), (":authority", "web"),
  ])

  /// The first request of a connection has the same limits as later ones.
  @Test func aLargeCookieComesOnANewConnection() async throws {
    let upstream = try await EchoUpstream("hello")
    try await RunningProxy.serving([try .http("web", to: upstream)], certificate: TestCertificate()) { proxy in
      let client = try await HTTP2Wire.connect(to: proxy)
      var headers = Self.get
      headers.add(name: "cookie", value: String(repeating: "c", count: 17_000))
      try await client.send(headers, stream: 1)
      let body = try #require(try await client.take { $0.type == .data && $0.stream == 1 })
      #expect(String(decoding: body.payload, as: UTF8.self) == "hello")
    }
    #expect(upstream.requests.first?["cookie"]?.utf8.count == 17_000)
  }

  @Test func aLargeResponseHeadArrives() async throws {
    let fields = (0..<20).map { "X-\($0): \(String(repeating: "b", count: 1000))\r\n" }.joined()
    let upstream = try await EchoUpstream(answers: ["/": "HTTP/1.1 200 OK\r\n\(fields)Content-Length: 2\r\n\r\nhi"])
    try await RunningProxy.serving([try .http("web", to: upstream)], certificate: TestCertificate()) { proxy in
      let client = try await HTTP2Wire.connect(to: proxy)
      try await client.send(Self.get, stream: 1)
      let first = try #require(try await client.take { $0.type == .headers })
      let rest = try #require(try await client.next())
      #expect(first.flags & 4 == 0 && rest.type == .continuation && rest.flags & 4 == 4)
      var (decoder, block) = (HPACKDecoder(allocator: .init()), ByteBuffer(bytes: first.payload + rest.payload))
      decoder.maxHeaderListSize = 1 << 20
      let head = try decoder.decodeHeaders(from: &block)
      #expect(head["x-19"].first?.count == 1000 && head.count >= 22)
    }
  }

  /// ISO 8859-1, which is not valid UTF-8, in both directions.
  @Test func bytesStayAsTheyAre() async throws {
    let word: [UInt8] = [0x63, 0x61, 0x66, 0xe9]
    let upstream = try await RawServer { connection in
      let text = try #require(try await connection.take(through: "\r\n\r\n"))
      let status = Self.holds(Array("x-name: ".utf8) + word, text) ? 200 : 400
      try await connection.send(Array("HTTP/1.1 \(status) Said\r\nX-Name: ".utf8) + word)
      try await connection.send("\r\nContent-Length: 0\r\n\r\n")
    }
    try await RunningProxy.serving([try .http("web", to: upstream)], certificate: TestCertificate()) { proxy in
      let client = try await HTTP2Wire.connect(to: proxy)
      // A literal without Huffman coding.
      let name = Array("x-name".utf8)
      try await client.send(
        .headers, flags: 5, stream: 1,
        [0x82, 0x87, 0x84, 0x01, 3] + Array("web".utf8) + [0x00, UInt8(name.count)] + name + [UInt8(word.count)] + word)
      let head = try #require(try await client.take { $0.type == .headers })
      #expect(head.payload.first == 0x88 && Self.holds(word, head.payload), "\(head.payload)")
    }
  }

  /// With prior knowledge (RFC 9113 §3.3), and with the preface in several reads.
  @Test(arguments: [24, 3, 1]) func isSpokenWithoutTLS(cut: Int) async throws {
    let upstream = try await EchoUpstream("hello")
    let configure: (inout ProxyConfiguration) -> Void = {
      ($0.timeouts.requestHeader, $0.timeouts.idle) = (.seconds(3600), .seconds(3600))
    }
    try await RunningProxy.serving([try .http("web", to: upstream)], configure: configure) { proxy in
      let connection = try await proxy.connect()
      var begin = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)[...]
      while !begin.isEmpty {
        try await connection.send(Array(begin.prefix(cut)))
        begin = begin.dropFirst(cut)
      }
      let client = HTTP2Wire(connection)
      try await client.send(.settings, stream: 0, [])
      // :scheme is http.
      try await client.send(.headers, flags: 5, stream: 1, [0x82, 0x86, 0x84, 0x01, 3] + Array("web".utf8))
      let body = try #require(try await client.take { $0.type == .data && $0.stream == 1 })
      #expect(String(decoding: body.payload, as: UTF8.self) == "hello")
    }
    #expect(upstream.requests.first?["x-forwarded-proto"] == "http")
  }

  private static func holds(_ part: [UInt8], _ whole: some Collection<UInt8>) -> Bool {
    let whole = Array(whole)
    return whole.indices.contains { whole[$0...].starts(with: part) }
  }
}
