import NIOHPACK
import ProxyTraffic
import Synchronization
import TestSupport
import Testing

/// Exchanges with upstreams that speak HTTP/2 in clear text.
@Suite(.timeLimit(.minutes(5))) struct H2CForwardingTests {
  @Test func aRequestSaysTheSameInHTTP2() async throws {
    let heads = Mutex<[HPACKHeaders]>([])
    let upstream = try await H2CUpstream { stream in
      let head = try await stream.head()
      heads.withLock { $0.append(head) }
      let isHead = head.first(name: ":method") == "HEAD"
      try await stream.respond(200, ["content-length": "5", "x-said": "Yes"], isEnd: isHead)
      if !isHead { try await stream.send("hello", isEnd: true) }
    }
    let lab = try await H2CLab(upstream)
    let client = try await lab.connect()
    let fields =
      "X-Mine: Kept\r\nx!#$%&'*+.^_`|~: a\tb=\"é\"\r\nConnection: X-Gone\r\nX-Gone: 1\r\nKeep-Alive: 5\r\nTE: gzip, trailers\r\n"
    for method in ["GET", "HEAD"] {
      try await client.send("\(method) /a?b=c HTTP/1.1\r\nHost: web.test:80\r\n\(fields)\r\n")
      let answer = try #require(try await client.response(to: method))
      #expect(answer.startLine == "HTTP/1.1 200 OK")
      #expect(answer["content-length"] == "5" && answer["x-said"] == "Yes")
      #expect(answer.text == (method == "GET" ? "hello" : ""))
    }
    let head = try #require(heads.withLock { $0.first })
    #expect(
      head.prefix(4).map { "\($0.name)=\($0.value)" } == [
        ":method=GET", ":scheme=http", ":authority=web.test:80", ":path=/a?b=c",
      ])
    #expect(head["x!#$%&'*+.^_`|~"] == ["a\tb=\"é\""])
    #expect(head["x-mine"] == ["Kept"] && head["te"] == ["trailers"])
    #expect(head["x-forwarded-for"] == ["127.0.0.1"] && head["x-forwarded-host"] == ["web.test:80"])
    #expect(head["forwarded"].first?.hasPrefix("for=127.0.0.1;by=") == true)
    let names = Set(head.map(\.name))
    #expect(names.isDisjoint(with: ["host", "connection", "x-gone", "keep-alive", "transfer-encoding", "upgrade"]))
    #expect(names.allSatisfy { $0 == $0.lowercased() })
    #expect(upstream.connections == 1)
    let totals = lab.traffic.traffic(for: lab.route).totals
    #expect(totals.requests == [0, 0, 2, 0, 0, 0])
    #expect(totals.sent == 5 && totals.inFlight == 0)
  }

  @Test(arguments: [true, false])
  func passesMegabytesBothWays(isChunked: Bool) async throws {
    let upstream = try await H2CUpstream { stream in
      let body = try await stream.body()
      try await stream.respond()
      try await stream.send(body, isEnd: true)
    }
    let lab = try await H2CLab(upstream)
    let bytes = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 11) }
    let client = try await lab.connect()
    let framing = isChunked ? "Transfer-Encoding: chunked" : "Content-Length: \(bytes.count)"
    try await client.send("POST /echo HTTP/1.1\r\nHost: web.test\r\n\(framing)\r\n\r\n")
    if isChunked {
      try await client.send("\(String(bytes.count, radix: 16))\r\n")
      try await client.send(bytes)
      try await client.send("\r\n0\r\n\r\n")
    } else {
      try await client.send(bytes)
    }
    let answer = try #require(try await client.response())
    let isSame = answer.body == bytes
    #expect(isSame && answer.isComplete && answer["transfer-encoding"] == "chunked")
  }

  @Test func manyExchangesShareOneConnection() async throws {
    let count = 200
    let seen = Mutex(0)
    let upstream = try await H2CUpstream { stream in
      let path = try await stream.path
      seen.withLock { $0 += 1 }
      try await eventually("all are there at once") { seen.withLock { $0 == count } ? true : nil }
      try await stream.answer(path)
    }
    let lab = try await H2CLab(upstream)
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<count { group.addTask { try await lab.get("/\(number)").text == "/\(number)" } }
      for try await isOwn in group { #expect(isOwn) }
    }
    #expect(upstream.connections == 1)
  }

  @Test func opensMoreConnectionsWhereOneMayCarryNoMore() async throws {
    let open = Mutex<(now: Int, max: Int)>((0, 0))
    let upstream = try await H2CUpstream(streams: 1) { stream in
      open.withLock { $0 = ($0.now + 1, max($0.max, $0.now + 1)) }
      let path = try await stream.path
      try await eventually("two at once") { open.withLock { $0.max > 1 } ? true : nil }
      open.withLock { $0.now -= 1 }
      try await stream.answer(path)
    }
    let lab = try await H2CLab(upstream)
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<20 { group.addTask { try await lab.get("/\(number)").text == "/\(number)" } }
      for try await isOwn in group { #expect(isOwn) }
    }
    #expect(upstream.requests == 20 && (2...20).contains(upstream.connections))
  }

  @Test func passesTrailersOnToClients() async throws {
    let upstream = try await H2CUpstream { stream in
      _ = try await stream.head()
      try await stream.respond(200, ["trailer": "x-sum"])
      try await stream.send("body")
      try await stream.end(["x-sum": "42", "x-other": "1"])
    }
    let lab = try await H2CLab(upstream)
    let answer = try await lab.get()
    #expect(answer.text == "body" && answer.isComplete)
    #expect(answer.trailers.map { "\($0.name)=\($0.value)" } == ["x-sum=42", "x-other=1"])
    let said = try await lab.curl("/")
    #expect(said.hasPrefix("HTTP/2 200") && said.contains("body") && said.contains("x-sum: 42\r\n"), "\(said)")
  }

  @Test func passesTheTrailersOfARequestOn() async throws {
    let upstream = try await H2CUpstream { stream in
      let body = try await stream.body()
      try await stream.answer("\(String(decoding: body, as: UTF8.self)) \(stream.trailers?["x-sum"] ?? [])")
    }
    let lab = try await H2CLab(upstream)
    let client = try await lab.connect()
    try await client.send(
      "POST / HTTP/1.1\r\nHost: web.test\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 7\r\n\r\n")
    #expect(try await client.response()?.text == "hi [\"7\"]")
  }

  @Test func carriesGRPC() async throws {
    let upstream = try await H2CUpstream { stream in
      let head = try await stream.head()
      guard head["te"] == ["trailers"], head["content-type"] == ["application/grpc"] else { return }
      if try await stream.path == "/pkg.Service/Missing" {
        return try await stream.respond(200, ["content-type": "application/grpc", "grpc-status": "12"], isEnd: true)
      }
      let message = try await stream.body()
      try await stream.respond(200, ["content-type": "application/grpc"])
      try await stream.send(message)
      try await stream.end(["grpc-status": "0", "grpc-message": "fine"])
    }
    let lab = try await H2CLab(upstream)
    let options = [
      "--header", "te: trailers", "--header", "content-type: application/grpc", "--data-binary", "message",
    ]
    let said = try await lab.curl("/pkg.Service/Echo", options)
    #expect(said.contains("message") && said.contains("grpc-status: 0\r\n"), "\(said)")
    let missing = try await lab.curl("/pkg.Service/Missing", options)
    #expect(missing.contains("grpc-status: 12\r\n") && missing.hasSuffix("\r\n\r\n"), "\(missing)")
  }

  @Test func passesInterimResponsesOn() async throws {
    let upstream = try await H2CUpstream { stream in
      _ = try await stream.head()
      try await stream.respond(103, ["link": "</a.css>"])
      try await stream.respond(100)
      try await stream.answer(String(decoding: try await stream.body(), as: UTF8.self))
    }
    let lab = try await H2CLab(upstream)
    let client = try await lab.connect()
    try await client.send("POST / HTTP/1.1\r\nHost: web.test\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
    let hints = try await client.anyResponse()
    #expect(hints?.status == 103 && hints?["link"] == "</a.css>")
    #expect(try await client.anyResponse()?.status == 100)
    try await client.send("hi")
    #expect(try await client.anyResponse()?.text == "hi")
  }

  /// The client must not read bytes after a response without a body as the next response.
  @Test(arguments: [204, 304])
  func aResponseWithoutABodyStaysWithoutOne(status: Int) async throws {
    let upstream = try await H2CUpstream { stream in
      _ = try await stream.head()
      try await stream.respond(status)
      try await stream.send("HTTP/1.1 200 OK\r\n\r\nevil", isEnd: true)
    }
    let lab = try await H2CLab(upstream)
    let client = try await lab.connect()
    try await client.send("GET / HTTP/1.1\r\nHost: web.test\r\n\r\n")
    let answer = try await client.response()
    #expect([status, 502].contains(answer?.status))
    if answer?.status == status { #expect(try await client.takeAll().isEmpty) }
  }

  @Test func anEmptyResponseIsOverAtOnce() async throws {
    let upstream = try await H2CUpstream { stream in
      _ = try await stream.head()
      try await stream.respond(404, isEnd: true)
    }
    let answer = try await H2CLab(upstream).get()
    #expect(answer.status == 404 && answer["content-length"] == "0" && answer["transfer-encoding"] == nil)
  }

  /// HTTP/2 has no protocol switch; the extended CONNECT of RFC 8441 is not supported.
  @Test func opensNoWebSockets() async throws {
    let upstream = try await H2CUpstream { try await $0.answer("no") }
    let answer = try await H2CLab(upstream).get(fields: "Connection: Upgrade\r\nUpgrade: websocket\r\n")
    #expect(answer.status == 501 && answer.text.contains("upgrade_not_supported"), "\(answer)")
    #expect(upstream.requests == 0)
  }
}
