import HTTPTransport
import TestSupport
import Testing

/// Deadlines and cancellation.
@Suite(.timeLimit(.minutes(5))) struct DeadlineTests {
  let client = HTTPClient()
  let limit = Duration.milliseconds(300)

  @Test(arguments: [
    ([ScriptedServer.Step.hold], "waiting for an answer"),
    ([.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"), .hold], "reading the answer"),
  ])
  func endsARequestAtItsDeadline(steps: [ScriptedServer.Step], phase: String) async throws {
    let server = try await ScriptedServer(["*": steps, "/ready": [.answer()]])
    _ = try await client.send(HTTPRequest(.get, server.url("/ready")))
    var request = HTTPRequest(.get, server.url())
    request.timeout = .seconds(2)
    var start = ContinuousClock.now
    await expectTimeout(in: phase, after: .seconds(2)) {
      start = .now
      _ = try await client.send(request)
    }
    #expect(ContinuousClock.now - start >= .seconds(2))
    _ = try await server.firstEvent(.closed)
  }

  @Test func endsAConnectThatGetsNoAnswer() async throws {
    let port = try SilentPort()
    await #expect(throws: HTTPTransportError.timedOut(phase: "connecting", after: limit)) {
      try await client.connect(host: "127.0.0.1", port: port.number, timeout: limit)
    }
    var request = HTTPRequest(.get, "http://127.0.0.1:\(port.number)/")
    request.connectTimeout = limit
    await #expect(throws: HTTPTransportError.timedOut(phase: "connecting", after: limit)) {
      try await client.send(request)
    }
  }

  @Test func endsATLSHandshakeThatGetsNoAnswer() async throws {
    // Without a certificate, the server takes the ClientHello for the beginning of a request and waits for more.
    let server = try await ScriptedServer()
    var request = HTTPRequest(.get, server.url(scheme: "https"))
    request.connectTimeout = .seconds(2)
    await expectTimeout(in: "TLS handshake", after: .seconds(2)) { _ = try await client.send(request) }
  }

  @Test func endsARequestWhenItsTaskIsCancelled() async throws {
    let server = try await ScriptedServer(["*": [.hold]])
    let sending = Task { try await client.send(HTTPRequest(.get, server.url())) }
    _ = try await server.firstEvent(.request)
    sending.cancel()
    await #expect(throws: HTTPTransportError.cancelled) { try await sending.value }
    _ = try await server.firstEvent(.closed)
  }

  @Test func endsAConnectWhenItsTaskIsCancelled() async throws {
    let port = try SilentPort()
    let number = port.number
    let connecting = Task { try await client.connect(host: "127.0.0.1", port: number, timeout: .seconds(600)) }
    connecting.cancel()
    await #expect(throws: HTTPTransportError.cancelled) { try await connecting.value }
    _ = port
  }

  @Test func sendsNothingForATaskThatWasCancelledBefore() async throws {
    let server = try await ScriptedServer()
    let sending = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await client.send(HTTPRequest(.get, server.url()))
    }
    await #expect(throws: HTTPTransportError.cancelled) { try await sending.value }
    #expect(try await server.events(.request).isEmpty)
  }

  @Test func leavesOtherRequestsAloneWhenOneEnds() async throws {
    let server = try await ScriptedServer(["/held": [.hold], "/late": [.gate("go"), .answer(body: "late")]])
    let held = Task { try await client.send(HTTPRequest(.get, server.url("/held"))) }
    let late = Task { try await client.send(HTTPRequest(.get, server.url("/late"))) }
    _ = try await eventually("both have asked") { try await server.events(.request).count == 2 ? true : nil }
    held.cancel()
    await #expect(throws: HTTPTransportError.cancelled) { try await held.value }
    server.open("go")
    #expect(try await late.value.text == "late")
  }
}
