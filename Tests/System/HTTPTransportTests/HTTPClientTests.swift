import HTTPTransport
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct HTTPClientTests {
  let client = HTTPClient()

  @Test func answersWithStatusReasonHeadersAndBody() async throws {
    let server = try await ScriptedServer([
      "*": [.answer("599 no such guest - 'lxc/999'", headers: ["X-One: 1", "x-one:  2  "], body: "sorry")]
    ])
    let response = try await client.send(HTTPRequest(.get, "http://127.0.0.1:\(server.port)/"))
    #expect(response.status == 599)
    #expect(response.reasonPhrase == "no such guest - 'lxc/999'")
    #expect(response.headers.prefix(2).map(\.name) == ["X-One", "x-one"])
    #expect(response.headers.prefix(2).map(\.value) == ["1", "2"])
    #expect(response.header("content-length") == "5")
    #expect(String(decoding: response.body, as: UTF8.self) == "sorry")
    #expect(response.timings.connect > .zero)
    #expect(response.timings.tlsHandshake == .zero)
    #expect(response.timings.total >= response.timings.firstByte)
    #expect(response.peerCertificate == nil)
  }

  @Test func connectsAndReportsTheTime() async throws {
    let server = try await ScriptedServer()
    let timings = try await client.connect(host: "127.0.0.1", port: server.port, timeout: .seconds(180))
    #expect(timings.connect > .zero)
    let closed = try await eventually("the connection is closed again") { try await server.events(.closed).first }
    #expect(closed.received == 0)
  }

  @Test func endsEverythingOnShutdown() async throws {
    let server = try await ScriptedServer(["*": [.hold]])
    let request = HTTPRequest(.get, "http://127.0.0.1:\(server.port)/")
    let waiting = Task { try await client.send(request) }
    _ = try await eventually("the request has arrived") { try await server.events(.request).first }
    client.shutdown()
    await #expect(throws: HTTPTransportError.closed) { try await waiting.value }
    await #expect(throws: HTTPTransportError.closed) { try await client.send(request) }
    _ = try await eventually("the connection is closed") { try await server.events(.closed).first }
  }
}
