import TestSupport
import Testing

/// Many requests on one connection, and the responses that have no body.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct ProxyConnectionTests {
  @Test func answersPipelinedRequestsInTheirOrder() async throws {
    let (one, two) = (try await EchoUpstream("one"), try await EchoUpstream("two"))
    let lab = try await ProxyLab.start(routes: "one: {\(one.target)}\ntwo: {\(two.target)}")
    let connection = try await lab.connect()
    let hosts = (0..<60).map { $0 % 3 == 0 ? "two" : "one" }
    try await connection.send(
      hosts.map { "POST / HTTP/1.1\r\nHost: \($0)\r\nContent-Length: 4\r\n\r\nbody" }.joined())
    for host in hosts { #expect(try await connection.response()?.text == host) }
    #expect(!connection.isEnded)
    #expect(one.requests.allSatisfy { $0.text == "body" })
  }

  @Test func keepsConnectionsOnBothSides() async throws {
    let connections = try await withoutRest { () -> (Int, rest: Duration) in
      let upstream = try await EchoUpstream()
      let lab = try await ProxyLab.start(upstream)
      let connection = try await lab.connect()
      var begins: [ContinuousClock.Instant] = []
      for _ in 0..<20 {
        begins.append(.now)
        try await connection.send("GET / HTTP/1.1\r\nHost: web\r\n\r\n")
        #expect(try await connection.response()?.text == "echo")
      }
      begins.append(.now)
      // From the begin of a request to the end of the next one.
      let rests = zip(begins, begins.dropFirst(2)).map { $1 - $0 }
      return (upstream.connections, rest: rests.max() ?? .zero)
    }
    #expect(connections == 1)
  }

  @Test(arguments: [
    "GET / HTTP/1.0\r\nHost: web\r\n\r\n", "GET / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n",
  ])
  func endsTheConnectionOfAClientThatAsksForIt(request: String) async throws {
    let upstream = try await EchoUpstream()
    let lab = try await ProxyLab.start(upstream)
    let connection = try await lab.connect()
    try await connection.send(request)
    let answer = try await connection.response()
    #expect(answer?.text == "echo" && answer?["connection"]?.lowercased() == "close")
    #expect(try await connection.takeAll().isEmpty)
    #expect(upstream.requests[0].values("connection") == [], "the upstream's connection is the proxy's own matter")
  }

  @Test func headAndBodilessAnswersEndWithTheirHead() async throws {
    let upstream = try await EchoUpstream(
      answers: [
        "/head": "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n",
        "/chunked-head": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "/204": "HTTP/1.1 204 No Content\r\n\r\n", "/304": "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n",
        "/empty": "HTTP/1.1 200 Fine by me\r\nContent-Length: 0\r\n\r\n",
      ])
    let lab = try await ProxyLab.start(upstream)
    let connection = try await lab.connect()
    for (method, path, status) in [
      ("HEAD", "/head", 200), ("GET", "/204", 204), ("HEAD", "/chunked-head", 200), ("GET", "/304", 304),
      ("DELETE", "/empty", 200), ("GET", "/", 200),
    ] {
      try await connection.send("\(method) \(path) HTTP/1.1\r\nHost: web\r\n\r\n")
      let answer = try #require(try await connection.response(to: method), "\(path)")
      #expect(answer.status == status, "\(path): \(answer)")
      if path == "/head" { #expect(answer["content-length"] == "1234") }
      if path == "/empty" { #expect(answer.startLine.hasSuffix("Fine by me")) }
    }
    #expect(upstream.requests.count == 6)
  }

  @Test func passesAnAnswerWithoutLengthOnInChunksAndToOldClientsUntilTheClose() async throws {
    let server = try await RawServer { connection in
      _ = try await connection.request()
      try await connection.send("HTTP/1.0 200 OK\r\nX: y\r\n\r\nuntil the end")
    }
    let lab = try await ProxyLab.start(server)
    let connection = try await lab.connect()
    for _ in 0..<2 {
      try await connection.send("GET / HTTP/1.1\r\nHost: web\r\n\r\n")
      let answer = try #require(try await connection.response())
      #expect(answer.text == "until the end" && answer["transfer-encoding"] == "chunked" && answer.isComplete)
    }
    let old = try await lab.connect()
    try await old.send("GET / HTTP/1.0\r\nHost: web\r\n\r\n")
    let answer = try #require(try await old.response())
    #expect(answer.text == "until the end" && answer["transfer-encoding"] == nil)
  }

  @Test func passesTrailersOnBothWays() async throws {
    let upstream = try await EchoUpstream(
      answers: [
        "/": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Sum\r\n\r\n2\r\nhi\r\n0\r\nSum: 7\r\n\r\n"
      ])
    let lab = try await ProxyLab.start(upstream)
    let connection = try await lab.connect()
    try await connection.send(
      "PUT / HTTP/1.1\r\nHost: web\r\nTransfer-Encoding: chunked\r\nTE: trailers\r\n\r\n1\r\na\r\n0\r\nMine: 1\r\n\r\n")
    let answer = try #require(try await connection.response())
    #expect(answer.text == "hi" && answer.trailers.map(\.value) == ["7"])
    #expect(upstream.requests[0].trailers.map(\.name) == ["Mine"])
  }

  @Test func passesInterimAnswersOn() async throws {
    let upstream = try await EchoUpstream(
      answers: ["/": "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"]
    )
    let lab = try await ProxyLab.start(upstream)
    let connection = try await lab.connect()
    try await connection.send("GET / HTTP/1.1\r\nHost: web\r\n\r\n")
    #expect(try await connection.anyResponse()?["link"] == "</a.css>")
    #expect(try await connection.anyResponse()?.text == "ok")
  }

  @Test func aBodyWaitsForTheContinueOfItsUpstream() async throws {
    let server = try await RawServer { connection in
      guard var request = try await connection.head() else { return }
      guard request["expect"]?.lowercased() == "100-continue", connection.waiting == 0 else { return }
      try await connection.send("HTTP/1.1 100 Continue\r\n\r\n")
      try await connection.readBody(of: &request, untilClose: false)
      try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(request.body.count)\r\n\r\n\(request.text)")
    }
    let lab = try await ProxyLab.start(server)
    let connection = try await lab.connect()
    try await connection.send("POST / HTTP/1.1\r\nHost: web\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
    #expect(try await connection.anyResponse()?.status == 100)
    try await connection.send("hello")
    #expect(try await connection.anyResponse()?.text == "hello")
  }

  /// The second file begins while the client still receives the first response.
  @Test func filesBehindALongResponseComeWhole() async throws {
    let folder = try TemporaryDirectory()
    try folder.write("a file", to: "page.txt")
    let long = String(repeating: "0123456789abcdef", count: 500_000)
    let upstream = try await EchoUpstream(
      answers: ["/long": "HTTP/1.1 200 OK\r\nContent-Length: \(long.utf8.count)\r\n\r\n\(long)"])
    let lab = try await ProxyLab.start(
      routes: "web: {\(upstream.target)}\nfiles: {scheme: fileserver, root: \(folder.path)}")
    let connection = try await lab.connect()
    for _ in 0..<5 {
      try await connection.send(
        "GET /long HTTP/1.1\r\nHost: web\r\n\r\nGET /page.txt HTTP/1.1\r\nHost: files\r\n\r\n")
    }
    for _ in 0..<5 {
      #expect(try await connection.response()?.body.count == long.utf8.count)
      #expect(try await connection.response()?.text == "a file")
    }
  }
}
