import HTTPTransport
import TestSupport
import Testing

@Suite struct HTTPClientTests {
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

  @Test func connectsAndTellsTheTime() async throws {
    let server = try await ScriptedServer()
    let timings = try await client.connect(host: "127.0.0.1", port: server.port, timeout: .seconds(30))
    #expect(timings.connect > .zero)
    let closed = try await eventually("the connection is closed again") { try server.events(.closed).first }
    #expect(closed.received == 0)
  }

  @Test func streamsABodyAsItComes() async throws {
    let server = try await ScriptedServer([
      "*": [.send("HTTP/1.1 200 OK\r\n\r\n"), .gate("a"), .send("first"), .gate("b"), .send("second"), .close]
    ])
    let (response, body) = try await client.stream(HTTPRequest(.get, "http://127.0.0.1:\(server.port)/"))
    #expect(response.status == 200)
    var chunks = body.makeAsyncIterator()
    server.open("a")
    #expect(try await chunks.next() == Array("first".utf8))
    server.open("b")
    #expect(try await chunks.next() == Array("second".utf8))
    #expect(try await chunks.next() == nil)
  }

  @Test func endsEverythingOnShutdown() async throws {
    let server = try await ScriptedServer(["*": [.hold]])
    let request = HTTPRequest(.get, "http://127.0.0.1:\(server.port)/")
    let waiting = Task { try await client.send(request) }
    _ = try await eventually("the request has arrived") { try server.events(.request).first }
    client.shutdown()
    await #expect(throws: HTTPTransportError.closed) { try await waiting.value }
    await #expect(throws: HTTPTransportError.closed) { try await client.send(request) }
    _ = try await eventually("the connection is closed") { try server.events(.closed).first }
  }

  @Test func sendsNothingToAPeerWithAnotherCertificate() async throws {
    let (certificate, other) = (try TestCertificate(), try TestCertificate())
    let server = try await ScriptedServer(certificate: certificate)
    var request = HTTPRequest(.get, "https://127.0.0.1:\(server.port)/")
    request.trust = .fingerprints([try #require(CertificateFingerprint(certificate.fingerprint))])
    #expect(try await client.send(request).status == 200)

    request.trust = .fingerprints([try #require(CertificateFingerprint(other.fingerprint))])
    await #expect(
      throws: HTTPTransportError.fingerprintMismatch(presented: CertificateFingerprint(certificate.fingerprint))
    ) { try await client.send(request) }
    let second = try await eventually("the second connection is closed") {
      try server.events(.closed).first { $0.connection == 2 }
    }
    #expect(second.received == 0)
    #expect(try server.events(.request).count == 1)
  }
}
