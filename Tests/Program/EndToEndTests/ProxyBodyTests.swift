import Synchronization
import TestSupport
import Testing

/// Bodies are forwarded unchanged, at the speed of their reader.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct ProxyBodyTests {
  private static let large = 20_000_000

  /// The number of blocks of an upload that the client has sent.
  private final class Progress: Sendable {
    private let blocks = Mutex(0)
    var count: Int { blocks.withLock { $0 } }

    func send(_ block: [UInt8], times: Int, to connection: RawConnection) async throws {
      for _ in 0..<times {
        try await connection.send(block)
        blocks.withLock { $0 += 1 }
      }
    }
  }

  /// Answers with the request's body.
  private static func mirror() async throws -> RawServer {
    try await RawServer { connection in
      while let request = try await connection.request() {
        try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(request.body.count)\r\n\r\n")
        try await connection.send(request.body)
      }
    }
  }

  @Test(arguments: [true, false])
  func largeBodiesArriveUnchangedBothWays(isChunked: Bool) async throws {
    let lab = try await ProxyLab.start(try await Self.mirror())
    let connection = try await lab.connect()
    let body = pattern(Self.large)
    let framing = isChunked ? "Transfer-Encoding: chunked" : "Content-Length: \(body.count)"
    try await connection.send("PUT /big HTTP/1.1\r\nHost: web\r\n\(framing)\r\n\r\n")
    if isChunked {
      var start = 0
      while start < body.count {
        let end = min(body.count, start + 777_777)
        try await connection.send(Array("\(String(end - start, radix: 16))\r\n".utf8) + body[start..<end] + [13, 10])
        start = end
      }
      try await connection.send("0\r\n\r\n")
    } else {
      try await connection.send(body)
    }
    let answer = try #require(try await connection.response())
    #expect(answer.isComplete && answer.body.count == body.count)
    // Compared outside the expectation, which would take forever to compute the difference of two such arrays.
    let isUnchanged = answer.body == body
    #expect(isUnchanged)
    try await connection.send("PUT /small HTTP/1.1\r\nHost: web\r\nContent-Length: 2\r\n\r\nhi")
    #expect(try await connection.response()?.text == "hi", "the connection serves on")
  }

  @Test(.disabled(if: AddressSanitizer.isOn))
  func aSlowReaderHoldsItsUpstreamBackInsteadOfFillingMemory() async throws {
    let size = 64 * 1024 * 1024
    let server = try await RawServer { connection in
      guard try await connection.request() != nil else { return }
      try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n")
      let block = [UInt8](repeating: 0x78, count: 1 << 20)
      for _ in 0..<(size / block.count) { try await connection.send(block) }
      _ = try await connection.takeAll()
    }
    let lab = try await ProxyLab.start(server)
    _ = try await lab.get("web", "/", fields: "X: warm-up").status
    let before = try lab.peakMemory()
    let connection = try await lab.connect(reading: false)
    try await connection.send("GET / HTTP/1.1\r\nHost: web\r\n\r\n")
    try await connection.readSlowly(until: size)
    #expect(try lab.peakMemory() - before < 24 << 20)
    #expect(connection.waiting > size)
  }

  /// The upstream reads nothing until the client has been blocked in the middle of its upload.
  @Test(.disabled(if: AddressSanitizer.isOn))
  func aSlowUpstreamHoldsTheUploadBackInsteadOfFillingMemory() async throws {
    let (block, blocks) = ([UInt8](repeating: 0x78, count: 1 << 20), 64)
    let gate = Gate()
    let server = try await RawServer(reading: false) { connection in
      try await gate.wait()
      try await connection.startReading()
      try await eventually("all comes; \(connection.waiting) bytes are there") {
        connection.waiting >= blocks * block.count ? true : nil
      }
      try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
      try await eventually("the proxy closes") { connection.isEnded ? true : nil }
    }
    let lab = try await ProxyLab.start(server, settings: ", timeouts: {idle: 10m}")
    _ = try await lab.get("nowhere")
    let before = try lab.peakMemory()
    let connection = try await lab.connect()
    try await connection.send("PUT / HTTP/1.1\r\nHost: web\r\nContent-Length: \(blocks * block.count)\r\n\r\n")
    let sent = Progress()
    async let upload: Void = sent.send(block, times: blocks, to: connection)
    var last = (count: 0, since: ContinuousClock.now)
    try await eventually("the upload stands still") {
      let count = sent.count
      if count != last.count { last = (count, .now) }
      return count > 0 && last.since.duration(to: .now) > .seconds(2) ? true : nil
    }
    #expect(last.count < blocks, "the client sent all, and the upstream took nothing")
    gate.open()
    try await upload
    #expect(try await connection.response(to: "PUT")?.text == "ok")
    #expect(try lab.peakMemory() - before < 24 << 20)
  }

  /// A client that reads the response only after its whole upload must still get it.
  @Test func anAnswerThatComesBeforeTheBodyIsOverReachesTheClient() async throws {
    let server = try await RawServer { connection in
      guard try await connection.head() != nil else { return }
      try await connection.send("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig")
      _ = try await connection.takeAll()
    }
    let lab = try await ProxyLab.start(server)
    let connection = try await lab.connect()
    try await connection.send("PUT / HTTP/1.1\r\nHost: web\r\nContent-Length: 30000000\r\n\r\n")
    let block = [UInt8](repeating: 0x78, count: 100_000)
    try await connection.send(block)
    let answer = try #require(try await connection.response())
    #expect(answer.status == 413 && answer.text == "big")
    try? await connection.send(block)
    #expect(try await connection.takeAll().isEmpty)
  }

  @Test func aClientThatGoesAwayTakesItsUpstreamRequestWithIt() async throws {
    let (begun, ended) = (Gate(), Gate())
    let server = try await RawServer { connection in
      guard try await connection.request() != nil else { return }
      begun.open()
      _ = try await connection.takeAll()
      ended.open()
    }
    let lab = try await ProxyLab.start(server)
    let connection = try await lab.connect()
    try await connection.send("GET / HTTP/1.1\r\nHost: web\r\n\r\n")
    try await begun.wait()
    try await connection.reset()
    try await ended.wait()
  }
}
