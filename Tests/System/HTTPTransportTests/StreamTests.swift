import HTTPTransport
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct StreamTests {
  let client = HTTPClient()
  let head = ScriptedServer.Step.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")

  @Test func deliversEachPieceAsItComes() async throws {
    let server = try await ScriptedServer([
      "*": [head, .gate("a"), .send("first"), .gate("b"), .send("second"), .close]
    ])
    let (response, body) = try await client.stream(HTTPRequest(.get, server.url()))
    #expect(response.status == 200)
    #expect(response.header("content-type") == "text/event-stream")
    #expect(response.body.isEmpty)
    var pieces = body.makeAsyncIterator()
    server.open("a")
    #expect(try await pieces.next() == Array("first".utf8))
    server.open("b")
    #expect(try await pieces.next() == Array("second".utf8))
    #expect(try await pieces.next() == nil)
  }

  @Test func bringsALongBodyWholeToASlowReader() async throws {
    let count = 24 << 20
    let server = try await ScriptedServer(["*": [head, .flood(count), .close]])
    var request = HTTPRequest(.get, server.url())
    request.maximumBodySize = 1
    let (_, body) = try await client.stream(request)
    var received = 0
    for try await piece in body {
      #expect(piece.count <= 512 << 10)
      received += piece.count
      await Task.yield()
    }
    #expect(received == count)
  }

  @Test func boundsTheTimeToTheHeadersOnly() async throws {
    let server = try await ScriptedServer(["/held": [.hold], "*": [head, .gate("go"), .send("late"), .close]])
    var request = HTTPRequest(.get, server.url("/held"))
    request.timeout = .seconds(2)
    await expectTimeout(in: "waiting for an answer", after: .seconds(2)) { _ = try await client.stream(request) }
    request.url = server.url()
    let (start, body) = try await beginning(request)
    _ = try await eventually("the timeout is over") { ContinuousClock.now - start > .seconds(3) ? true : nil }
    server.open("go")
    var pieces = body.makeAsyncIterator()
    #expect(try await pieces.next() == Array("late".utf8))
  }

  /// A stream, and when it was asked for. A busy machine may miss the timeout, but not five times in a row.
  private func beginning(
    _ request: HTTPRequest
  ) async throws -> (start: ContinuousClock.Instant, body: AsyncThrowingStream<[UInt8], any Error>) {
    for _ in 1..<5 {
      let start = ContinuousClock.now
      do { return (start, try await client.stream(request).body) } catch HTTPTransportError.timedOut {}
    }
    return (.now, try await client.stream(request).body)
  }

  @Test func throwsWhereTheBodyBreaksOff() async throws {
    let server = try await ScriptedServer([
      "*": [.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"), .close]
    ])
    let (_, body) = try await client.stream(HTTPRequest(.get, server.url()))
    var received: [UInt8] = []
    let error = await #expect(throws: HTTPTransportError.self) {
      for try await piece in body { received += piece }
    }
    #expect(received == Array("half".utf8))
    guard case .connectionClosed = error else {
      Issue.record("expected connectionClosed, got \(String(describing: error))")
      return
    }
  }

  @Test func endsTheTransferWhenTheReaderLetsGo() async throws {
    let server = try await ScriptedServer(["*": [head, .send("one"), .hold]])
    do {
      let (_, body) = try await client.stream(HTTPRequest(.get, server.url()))
      for try await _ in body { break }
    }
    _ = try await server.firstEvent(.closed)
  }

  @Test func endsTheTransferWhenTheReadersTaskIsCancelled() async throws {
    let server = try await ScriptedServer(["*": [head, .hold]])
    let reading = Task {
      let (_, body) = try await client.stream(HTTPRequest(.get, server.url()))
      for try await _ in body {}
    }
    _ = try await server.firstEvent(.request)
    reading.cancel()
    _ = await reading.result
    _ = try await server.firstEvent(.closed)
  }

  @Test func endsOpenStreamsOnShutdown() async throws {
    let server = try await ScriptedServer(["*": [head, .hold]])
    let (_, body) = try await client.stream(HTTPRequest(.get, server.url()))
    client.shutdown()
    await #expect(throws: HTTPTransportError.closed) { for try await _ in body {} }
    _ = try await server.firstEvent(.closed)
  }

  @Test func keepsItsClientAlive() async throws {
    let server = try await ScriptedServer(["*": [head, .gate("go"), .send("here"), .close]])
    let (_, body) = try await HTTPClient().stream(HTTPRequest(.get, server.url()))
    server.open("go")
    var pieces = body.makeAsyncIterator()
    #expect(try await pieces.next() == Array("here".utf8))
  }
}
