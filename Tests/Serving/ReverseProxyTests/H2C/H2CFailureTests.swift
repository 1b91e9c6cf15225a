import NIOHPACK
import NIOHTTP2
import ProxyTraffic
import ReverseProxy
import Synchronization
import TestSupport
import Testing

/// Failures of HTTP/2 upstreams: responses to clients, and retries.
@Suite(.timeLimit(.minutes(5))) struct H2CFailureTests {
  @Test func anUpstreamThatRefusesIsA502() async throws {
    let upstream = try await H2CUpstream { try await $0.answer("hi") }
    let lab = try await H2CLab(upstream)
    try await upstream.stopListening()
    let answer = try await lab.get()
    #expect(answer.status == 502 && answer.text.contains("upstream_refused"), "\(answer)")
  }

  @Test(arguments: ["HTTP/1.1 400 Bad Request\r\nContent-Length: 3\r\n\r\nbad", "SSH-2.0-OpenSSH_9.2\r\n", ""])
  func anUpstreamOfAnotherProtocolIsA502(said: String) async throws {
    let server = try await RawServer { connection in
      _ = try await connection.take(24)
      try await connection.send(said)
    }
    let answer = try await H2CLab(server).get()
    #expect(answer.status == 502 && answer.text.contains("upstream_bad_response"), "\(answer)")
    #expect(answer.text.contains("is not HTTP/2"), "\(answer)")
  }

  @Test func anUpstreamThatAllowsNoRequestIsA502() async throws {
    let upstream = try await H2CUpstream(streams: 0) { try await $0.answer("hi") }
    let answer = try await H2CLab(upstream).get()
    #expect(answer.status == 502 && answer.text.contains("SETTINGS_MAX_CONCURRENT_STREAMS"), "\(answer)")
    #expect(upstream.connections == 1)
  }

  @Test func anUpstreamWithoutSettingsIsA504() async throws {
    let server = try await RawServer { _ = try await $0.takeAll() }
    let lab = try await H2CLab(server) { $0.timeouts.connect = .seconds(1) }
    let answer = try await lab.get()
    #expect(answer.status == 504 && answer.text.contains("upstream_connect_timeout"), "\(answer)")
  }

  /// The machine of the upstream may be down: the next exchange gets another connection.
  @Test func anUpstreamThatDoesNotAnswerIsA504() async throws {
    let upstream = try await H2CUpstream { stream in
      if try await stream.path == "/silent" { _ = try await stream.reset() }
      try await stream.answer("hi")
    }
    let lab = try await H2CLab(upstream)
    let answer = try await lab.get("/silent", of: "hasty")
    #expect(answer.status == 504 && answer.text.contains("upstream_timeout"), "\(answer)")
    #expect(try await lab.get("/").text == "hi")
    #expect(upstream.connections == 2)
  }

  @Test(arguments: [HTTP2ErrorCode.internalError, .cancel, .noError])
  func aResetBeforeTheAnswerIsA502(reason: HTTP2ErrorCode) async throws {
    let upstream = try await H2CUpstream { stream in
      _ = try await stream.head()
      try await stream.reset(reason)
    }
    let answer = try await H2CLab(upstream).get()
    #expect(answer.status == 502 && answer.text.contains("upstream_lost"), "\(answer)")
    #expect(upstream.requests == 1)
  }

  @Test func aResetInTheBodyEndsThatExchangeAlone() async throws {
    let gate = Gate()
    let upstream = try await H2CUpstream { stream in
      if try await stream.path == "/cut" {
        try await stream.respond()
        try await stream.send("part")
        try await gate.wait()
        return try await stream.reset(.internalError)
      }
      try await stream.answer("whole")
    }
    let lab = try await H2CLab(upstream)
    let client = try await lab.connect()
    try await client.send("GET /cut HTTP/1.1\r\nHost: web.test\r\n\r\n")
    _ = try await client.take(through: "part\r\n")
    gate.open()
    #expect(try await client.takeAll().isEmpty, "no last chunk")
    #expect(try await lab.get("/").text == "whole")
    #expect(upstream.connections == 1)
  }

  /// The client must be able to see that the response is incomplete.
  @Test func anUpstreamThatStopsInTheMiddleOfABodyTimesOut() async throws {
    let upstream = try await H2CUpstream { stream in
      _ = try await stream.head()
      // At once, so that no time limit passes before the part is there.
      try await stream.respond(andSend: "part")
      _ = try await stream.reset()
    }
    let answer = try await H2CLab(upstream) { $0.timeouts.responseIdle = .seconds(2) }.get()
    #expect(answer.status == 200 && answer.text == "part" && !answer.isComplete, "\(answer)")
  }

  @Test func aBodyThatIsShorterThanItsLengthIsCutShort() async throws {
    let upstream = try await H2CUpstream { stream in
      _ = try await stream.head()
      try await stream.respond(200, ["content-length": "100"])
      try await stream.send("part")
      try await stream.closeConnection()
    }
    let answer = try await H2CLab(upstream).get()
    #expect(answer.status == 200 && !answer.isComplete)
  }

  // MARK: Retries

  @Test func whatTheUpstreamRefusedIsSentAgain() async throws {
    let tries = Mutex(0)
    let upstream = try await H2CUpstream { stream in
      _ = try await stream.head()
      if tries.withLock({
        $0 += 1; return $0 == 1
      }) {
        return try await stream.reset(.refusedStream)
      }
      try await stream.answer("hi")
    }
    let lab = try await H2CLab(upstream)
    #expect(try await lab.get(method: "POST").text == "hi")
    #expect(tries.withLock { $0 } == 2)
  }

  /// Even if that connection has free streams before the other one is open.
  @Test func whatOneConnectionRefusedIsSentOnAnother() async throws {
    let (held, others) = (Gate(), Gate())
    let first = Mutex<ObjectIdentifier?>(nil)
    let refusals = Mutex(0)
    let upstream = try await H2CUpstream(laterConnections: others) { stream in
      let isFirst = first.withLock {
        $0 = $0 ?? stream.connection
        return $0 == stream.connection
      }
      if try await stream.path == "/held" {
        try await stream.respond()
        try await held.wait()
        return try await stream.send([0x61], isEnd: true)
      }
      guard isFirst else { return try await stream.answer("hi") }
      refusals.withLock { $0 += 1 }
      try await stream.reset(.refusedStream)
    }
    let lab = try await H2CLab(upstream)
    let client = try await lab.connect()
    try await client.send("GET /held HTTP/1.1\r\nHost: web.test\r\n\r\n")
    #expect(try await client.head()?.status == 200)
    async let refused = lab.get(method: "POST").text
    try await eventually("another connection is made") { upstream.connections == 2 ? () : nil }
    held.open()
    try await eventually("the held one has ended") {
      lab.traffic.traffic(for: lab.route).totals.requests[2] == 1 ? () : nil
    }
    others.open()
    #expect(try await refused == "hi")
    #expect(refusals.withLock { $0 } == 1)
  }

  @Test func opensAnotherConnectionAfterGoAway() async throws {
    let upstream = try await H2CUpstream { stream in
      try await stream.answer(try await stream.path)
      try await stream.goAway()
    }
    let lab = try await H2CLab(upstream)
    for number in 1...3 {
      #expect(try await lab.get("/\(number)", method: "POST").text == "/\(number)")
      try await eventually("the proxy closes it") { upstream.openConnections == 0 ? true : nil }
      #expect(upstream.connections == number)
    }
  }

  /// Their streams are reset together, while bytes of each are still in flight.
  @Test func manyResetsAtOnceDisturbNoOtherStream() async throws {
    let (areThere, haveLeft) = (Gate(), Gate())
    let upstream = try await H2CUpstream { stream in
      let path = try await stream.path
      try await stream.respond()
      if path == "/stays" {
        try await haveLeft.wait()
        try await stream.send(path, isEnd: true)
      } else {
        // Not before, or their bytes would take the time of the clients that still have to connect.
        try await areThere.wait()
        while true { try await stream.send([UInt8](repeating: 0x61, count: 16_384)) }
      }
    }
    let lab = try await H2CLab(upstream)
    async let stays = lab.get("/stays").text
    var clients: [RawConnection] = []
    for _ in 1...100 {
      let client = try await lab.connect()
      try await client.send("GET /goes HTTP/1.1\r\nHost: web.test\r\n\r\n")
      #expect(try await client.head()?.status == 200)
      clients.append(client)
    }
    areThere.open()
    try await eventually("bytes of each flow") { clients.allSatisfy { $0.waiting > 0 } ? true : nil }
    for client in clients { client.close() }
    try await eventually("only the one that stays is left") {
      lab.traffic.traffic(for: lab.route).totals.inFlight == 1 ? true : nil
    }
    haveLeft.open()
    #expect(try await stays == "/stays")
    #expect(try await lab.get("/stays").text == "/stays")
    #expect(upstream.connections == 1)
  }

  /// Unprocessed requests are retried on another connection; those in progress are completed.
  @Test func aGoAwayInTheMiddleLosesNoRequest() async throws {
    let seen = Mutex<[String]>([])
    let (both, isSentAgain) = (Gate(), Gate())
    let upstream = try await H2CUpstream { stream in
      let path = try await stream.path
      let tries = seen.withLock {
        $0.append(path); return $0.filter { $0 == path }.count
      }
      switch (path, tries) {
      case ("/first", _):
        try await both.wait()
        try await stream.goAway()
        try await isSentAgain.wait()
        try await stream.answer(path)
      case (_, 1):
        both.open()
        _ = try await stream.reset()
      default:
        isSentAgain.open()
        try await stream.answer(path)
      }
    }
    let lab = try await H2CLab(upstream)
    async let first = lab.get("/first", method: "POST").text
    try await eventually("the first one is there") { seen.withLock { $0.isEmpty } ? nil : true }
    #expect(try await lab.get("/second", method: "POST").text == "/second")
    #expect(try await first == "/first")
    #expect(seen.withLock { $0 } == ["/first", "/second", "/second"])
    #expect(upstream.connections == 2)
  }

  /// A reused connection may have been closing already: only idempotent requests are retried.
  @Test(arguments: [("GET", 200), ("POST", 502)])
  func aConnectionThatIsLostBeforeAResponse(method: String, status: Int) async throws {
    let isDead = Mutex(false)
    let upstream = try await H2CUpstream { stream in
      if try await stream.path == "/dies",
        isDead.withLock({ isDead in
          defer { isDead = true }; return !isDead
        })
      {
        return try await stream.closeConnection()
      }
      try await stream.answer("hi")
    }
    let lab = try await H2CLab(upstream)
    #expect(try await lab.get("/").status == 200)
    #expect(try await lab.get("/dies", method: method).status == status)
    #expect(upstream.requests == (status == 200 ? 3 : 2))
  }

  // MARK: Slow and disconnected peers

  @Test func aDisconnectedClientEndsOnlyItsStream() async throws {
    let reason = Mutex<HTTP2ErrorCode?>(nil)
    let upstream = try await H2CUpstream { stream in
      guard try await stream.path == "/long" else { return try await stream.answer("hi") }
      try await stream.respond()
      try await stream.send("part")
      let why = try await stream.reset()
      reason.withLock { $0 = why }
    }
    let lab = try await H2CLab(upstream)
    let client = try await lab.connect()
    try await client.send("GET /long HTTP/1.1\r\nHost: web.test\r\n\r\n")
    _ = try await client.take(through: "part")
    client.close()
    try await eventually("the upstream gets a reset") { reason.withLock { $0 } }
    #expect(reason.withLock { $0 } == .cancel)
    #expect(try await lab.get("/").text == "hi")
    #expect(upstream.connections == 1)
  }

  @Test func aSlowReaderBlocksOnlyItsOwnStream() async throws {
    let (whole, chunk) = (24 << 20, [UInt8](repeating: 7, count: 1 << 16))
    let sent = Mutex(0)
    let upstream = try await H2CUpstream { stream in
      guard try await stream.path == "/large" else { return try await stream.answer("hi") }
      try await stream.respond(200, ["content-length": "\(whole)"])
      for _ in 0..<(whole / chunk.count) {
        try await stream.send(chunk)
        sent.withLock { $0 += chunk.count }
      }
    }
    let lab = try await H2CLab(upstream)
    let client = try await lab.connect(reading: false)
    try await client.send("GET /large HTTP/1.1\r\nHost: web.test\r\n\r\n")
    try await eventually("it begins") { sent.withLock { $0 > 0 } ? true : nil }
    for _ in 0..<100 { #expect(try await lab.get("/").text == "hi") }
    #expect(sent.withLock { $0 } < 12 << 20)
    #expect(upstream.connections == 1)
    try await client.startReading()
    try await eventually("all comes; \(client.waiting) bytes are there") { client.waiting > whole ? true : nil }
    // Counted after the last piece was sent, which the client may have received before.
    try await eventually("all was sent") { sent.withLock { $0 } == whole ? true : nil }
  }

  @Test func aSlowUpstreamBlocksOnlyItsOwnStream() async throws {
    let (whole, chunk) = (24 << 20, [UInt8](repeating: 7, count: 1 << 16))
    let (hasStopped, gate) = (Gate(), Gate())
    let upstream = try await H2CUpstream { stream in
      guard try await stream.path == "/large" else { return try await stream.answer("hi") }
      try await stream.stopReading()
      hasStopped.open()
      try await gate.wait()
      try await stream.resumeReading()
      try await eventually("all comes; \(stream.received) is there") { stream.isWhole ? true : nil }
      try await stream.answer("\(stream.received)")
    }
    let lab = try await H2CLab(upstream)
    let client = try await lab.connect()
    let sent = Mutex(0)
    try await client.send("POST /large HTTP/1.1\r\nHost: web.test\r\nContent-Length: \(whole)\r\n\r\n")
    try await hasStopped.wait()
    async let sending: Void = {
      for _ in 0..<(whole / chunk.count) {
        try await client.send(chunk)
        sent.withLock { $0 += chunk.count }
      }
    }()
    for _ in 0..<100 { #expect(try await lab.get("/").text == "hi") }
    #expect(sent.withLock { $0 } < 12 << 20)
    gate.open()
    try await sending
    #expect(try await client.response()?.text == "\(whole)")
  }

  @Test func anIdleConnectionIsClosed() async throws {
    let upstream = try await H2CUpstream { try await $0.answer("hi") }
    let lab = try await H2CLab(upstream) { $0.timeouts.upstreamIdle = .seconds(1) }
    #expect(try await lab.get().text == "hi")
    try await eventually("it is closed") { upstream.openConnections == 0 ? true : nil }
    #expect(try await lab.get().text == "hi")
  }

  /// An upstream that sends a GOAWAY and then a whole response at once: the connection closes at its end, before the client
  /// has read the earlier parts.
  @Test func theLastResponseOfAConnectionIsPassedOnWhole() async throws {
    // Larger with its head than the buffer for a client, in fewer bytes than one read: a field of the static table is one
    // byte (RFC 7541 appendix A).
    let body = [UInt8](repeating: 0x61, count: 65_000)
    let head = [0x88] + [UInt8](repeating: 0x90, count: 100)
    let server = try await RawServer { connection in
      // The preface, then SETTINGS, WINDOW_UPDATE and HEADERS; not parsed any further.
      _ = try await connection.take(24)
      try await connection.send(Self.frame(4, 0, 0, []))
      try await eventually("the request comes") { connection.waiting > 50 ? true : nil }
      let last: [UInt8] = [0, 0, 0, 1, 0, 0, 0, 0]
      var answer = Self.frame(4, 1, 0, []) + Self.frame(7, 0, 0, last) + Self.frame(1, 4, 1, head)
      for start in stride(from: 0, to: body.count, by: 16_384) {
        let part = body[start..<min(start + 16_384, body.count)]
        answer += Self.frame(0, part.endIndex == body.count ? 1 : 0, 1, Array(part))
      }
      try await connection.send(answer)
      _ = try await connection.takeAll()
    }
    let lab = try await H2CLab(server)
    for _ in 0..<20 {
      let answer = try await lab.get()
      #expect(answer.isComplete && answer.body == body, "\(answer.body.count) bytes")
    }
  }

  private static func frame(_ kind: UInt8, _ flags: UInt8, _ stream: UInt8, _ payload: [UInt8]) -> [UInt8] {
    [0, UInt8(payload.count >> 8), UInt8(payload.count & 0xff), kind, flags, 0, 0, 0, stream] + payload
  }
}
