import TestSupport
import Testing

/// Messages that two servers could interpret differently are refused, and nothing of them is forwarded.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct ProxyRefusalTests {
  /// A second request after each message, which must never be treated as a request.
  private static let smuggled = "GET /smuggled HTTP/1.1\r\nHost: web\r\n\r\n"

  private static func post(_ fields: String, _ body: String = "") -> String {
    "POST / HTTP/1.1\r\nHost: web\r\n\(fields)\r\n\r\n\(body)"
  }

  private static let heads: [(text: String, status: Int)] =
    [
      post("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
      post("Transfer-Encoding: chunked\r\nContent-Length: 5", "0\r\n\r\n"),
      post("Content-Length: 5\r\nContent-Length: 5", "hello"), post("Content-Length: 5\r\nContent-Length: 0", "hello"),
      post("Content-Length: 5, 5", "hello"), post("Content-Length: +5", "hello"), post("Content-Length: 0x5", "hello"),
      post("Content-Length: -1"), post("Content-Length: 18446744073709551616"),
      post("Transfer-Encoding: xchunked", "0\r\n\r\n"), post("Transfer-Encoding: chunked, identity", "0\r\n\r\n"),
      post("Transfer-Encoding: gzip, chunked", "0\r\n\r\n"), post("Transfer-Encoding: identity"),
      post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
      post("Transfer-Encoding:\u{b}chunked", "0\r\n\r\n"), post("Transfer-Encoding\r\n: chunked", "0\r\n\r\n"),
      post("Transfer-Encoding : chunked", "0\r\n\r\n"), post("Content-Length : 5", "hello"),
      post("X: a\r\n folded: b"), post("X: a\r\n\tContent-Length: 5"), post(" X: y"), post("X"), post(": y"),
      post("X: a\0b"), post("X: a\rb"), post("X: a\u{7f}"), post("X\0: y"),
      "GET / HTTP/1.1\nHost: web\n\n", "GET / HTTP/1.1\r\nHost: web\n\r\n", "GET / HTTP/1.1\r\nHost: web\r\n\n",
      "GET / HTTP/1.1\r\nHost: web\r\n\rX: y\r\n\r\n",
      "GET / HTTP/1.1\r\nX: y\r\n\r\n", "GET / HTTP/1.1\r\nHost: web\r\nHost: web\r\n\r\n",
      "GET / HTTP/1.1\r\nHost:\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: web, other\r\n\r\n", "GET / HTTP/1.1\r\nHost: user@web\r\n\r\n",
      "GET ftp://web/ HTTP/1.1\r\nHost: web\r\n\r\n", "GET http://u@web/ HTTP/1.1\r\nHost: web\r\n\r\n",
      "CONNECT web:80 HTTP/1.1\r\nHost: web\r\n\r\n",
      "GET web:80 HTTP/1.1\r\nHost: web\r\n\r\n", "GET /a b HTTP/1.1\r\nHost: web\r\n\r\n",
      "GET  / HTTP/1.1\r\nHost: web\r\n\r\n",
      "GET / HTTP/1.1 \r\nHost: web\r\n\r\n",
      "G\"T / HTTP/1.1\r\nHost: web\r\n\r\n",
      "POST / HTTP/1.0\r\nHost: web\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{fc}\u{3}\u{3}\r\n\r\n",
    ].map { ($0, 400) } + [
      ("GET / HTTP/2.0\r\nHost: web\r\n\r\n", 505), ("PRI * HTTP/2.0\r\nHost: web\r\n\r\n", 505),
      ("GET /\(String(repeating: "a", count: 100_000)) HTTP/1.1\r\nHost: web\r\n\r\n", 431),
      (post("X: \(String(repeating: "a", count: 100_000))"), 431),
      (post((0..<5000).map { "X\($0): \(String(repeating: "y", count: 12))" }.joined(separator: "\r\n")), 431),
      (post((0..<200).map { "X\($0): y" }.joined(separator: "\r\n")), 431),
    ]

  @Test func refusesEveryHeadThatCouldBeReadInTwoWays() async throws {
    let upstream = try await EchoUpstream()
    let lab = try await ProxyLab.start(upstream)
    for (text, status) in Self.heads {
      let connection = try await lab.connect()
      // The proxy may close before it has received everything.
      try? await connection.send(text + Self.smuggled)
      let answer = try await connection.response()
      #expect(answer?.status == status, "\(text.prefix(120).debugDescription): \(String(describing: answer))")
      #expect(answer?["connection"]?.lowercased() == "close" || answer == nil)
      #expect(try await connection.takeAll().isEmpty, "\(text.prefix(120).debugDescription): nothing follows")
    }
    #expect(upstream.requests.isEmpty, "\(upstream.requests)")
    #expect(try await lab.get("web").text == "echo", "the agent serves on")
    #expect(lab.agent.program.exitStatus == nil)
  }

  @Test func aBodyWithBadChunksNeverArrivesAsAWhole() async throws {
    let upstream = try await EchoUpstream()
    let lab = try await ProxyLab.start(upstream)
    for chunks in [
      "x\r\nhello\r\n0\r\n\r\n", "-5\r\nhello\r\n0\r\n\r\n", "0x5\r\nhello\r\n0\r\n\r\n", "5\nhello\n0\n\n",
      "5\r\nhello0\r\n\r\n",
      "5 x\r\nhello\r\n0\r\n\r\n", "5\r\nhelloXX0\r\n\r\n", "ffffffffffffffffff\r\nhello\r\n0\r\n\r\n",
      "5;a\nb\r\nhello\r\n0\r\n\r\n",
      "\r\n5\r\nhello\r\n0\r\n\r\n", "0\r\nX : y\r\n\r\n", "0\r\n\n", "5\r\nhello\r\n0\r\n\rX\r\n",
      "5;\(String(repeating: "x", count: 1000))\r\nhello\r\n0\r\n\r\n",
    ] {
      let connection = try await lab.connect()
      try? await connection.send(Self.post("Transfer-Encoding: chunked", chunks) + Self.smuggled)
      if let answer = try await connection.response() {
        #expect(answer.status == 400, "\(chunks.prefix(60).debugDescription): \(answer)")
      }
      #expect(try await connection.takeAll().isEmpty, "\(chunks.prefix(60).debugDescription): nothing follows")
    }
    #expect(try await lab.get("web", "/fine").text == "echo")
    #expect(upstream.requests.filter(\.isComplete).map(\.path) == ["/fine"], "\(upstream.requests)")
  }

  /// Accepted messages are reframed, so that the upstream cannot interpret the original differently.
  @Test func reframesWhatItLetsThrough() async throws {
    let upstream = try await EchoUpstream()
    let lab = try await ProxyLab.start(upstream)
    let connection = try await lab.connect()
    try await connection.send(
      Self.post(
        "Transfer-Encoding: Chunked\r\nTrailer: Sum", "5;ext=\"a\"\r\nhello\r\n0\r\nSum: 1\r\nContent-Length: 9\r\n\r\n"
      ))
    #expect(try await connection.response()?.status == 200)
    let request = try #require(upstream.requests.first)
    #expect(request.values("transfer-encoding") == ["chunked"])
    #expect(request.text == "hello")
    #expect(request.trailers.map(\.name) == ["Sum"])
  }
}
