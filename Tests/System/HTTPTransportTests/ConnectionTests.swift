import Foundation
import HTTPTransport
import PeerTrust
import TestSupport
import Testing

/// How connections are made, shared and closed.
@Suite(.timeLimit(.minutes(5))) struct ConnectionTests {
  let client = HTTPClient()

  @Test func reusesAConnectionThatStaysOpen() async throws {
    let server = try await ScriptedServer()
    var request = HTTPRequest(.get, server.url())
    request.maxIdleTime = .seconds(300)
    let first = try await client.send(request)
    let second = try await client.send(request)
    #expect(first.timings.connect > .zero)
    #expect(second.timings.connect == .zero)
    #expect(try await server.events(.request).map(\.connection) == [1, 1])
  }

  @Test(arguments: [HTTPRequest.Method.get, .post])
  func asksAgainWhenTheServerHasClosedAnIdleConnection(method: HTTPRequest.Method) async throws {
    let server = try await ScriptedServer(["*": [.answer(), .close]])
    for connection in 1...3 {
      #expect(try await client.send(HTTPRequest(method, server.url())).status == 200)
      _ = try await server.firstEvent(.closed, connection: connection)
    }
    #expect(try await server.events(.request).map(\.connection) == [1, 2, 3])
  }

  @Test func believesCloseOverKeepAlive() async throws {
    let answer = ScriptedServer.Step.answer(headers: ["Connection: close", "Connection: Keep-Alive"])
    let server = try await ScriptedServer(["*": [answer]])
    for _ in 1...2 { #expect(try await client.send(HTTPRequest(.get, server.url())).status == 200) }
    #expect(try await server.events(.request).map(\.connection) == [1, 2])
    _ = try await server.firstEvent(.closed, connection: 1)
  }

  @Test func closesUnusedConnections() async throws {
    let client = HTTPClient(idleLifetime: .milliseconds(50))
    let server = try await ScriptedServer()
    #expect(try await client.send(HTTPRequest(.get, server.url())).status == 200)
    _ = try await server.firstEvent(.closed, connection: 1)
    #expect(try await client.send(HTTPRequest(.get, server.url())).status == 200)
  }

  @Test func closesEverythingWithTheLastReference() async throws {
    let server = try await ScriptedServer()
    #expect(try await HTTPClient().send(HTTPRequest(.get, server.url())).status == 200)
    _ = try await server.firstEvent(.closed)
  }

  @Test func runsManyRequestsAtOnce() async throws {
    let server = try await ScriptedServer(["*": [.gate("go"), .echo]])
    let url = server.url()
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<200 {
        group.addTask {
          var request = HTTPRequest(.get, "\(url)\(number)")
          (request.timeout, request.connectTimeout) = (.seconds(180), .seconds(180))
          let response = try await client.send(request)
          return response.text.contains(#""path": "/\#(number)""#)
        }
      }
      _ = try await eventually("all have asked") { try await server.events(.request).count == 200 ? true : nil }
      server.open("go")
      for try await isOwnAnswer in group { #expect(isOwnAnswer) }
    }
  }

  @Test func speaksOverAUnixSocket() async throws {
    let folder = try TemporaryDirectory()
    let path = folder.file("s")
    let server = try await ScriptedServer(["*": [.echo]], unixSocket: path)
    var request = HTTPRequest(.get, "http://localhost/v1/routes")
    request.unixSocketPath = path
    #expect(try await client.send(request).status == 200)
    let seen = try #require(try await server.events(.request).first)
    #expect(seen.path == "/v1/routes")
    #expect(seen.headers?["host"] == "localhost")
  }

  @Test func namesASocketThatIsMissingOrTooLong() async throws {
    let folder = try TemporaryDirectory()
    var request = HTTPRequest(.get, "http://localhost/")
    request.unixSocketPath = folder.file("absent")
    await #expect(
      throws: HTTPTransportError.cannotConnect(address: folder.file("absent"), reason: "No such file or directory")
    ) { try await client.send(request) }

    let long = folder.file(String(repeating: "x", count: 100))
    request.unixSocketPath = long
    await #expect(
      throws: HTTPTransportError.cannotConnect(
        address: long, reason: "a socket's path has at most 107 bytes, this one has \(long.utf8.count)")
    ) { try await client.send(request) }
  }

  @Test func reportsASocketWithoutListener() async throws {
    let folder = try TemporaryDirectory()
    let path = folder.file("stale")
    do {
      let server = try await ScriptedServer(unixSocket: path)
      #expect(server.port == 0)
    }
    var request = HTTPRequest(.get, "http://localhost/")
    request.unixSocketPath = path
    let refused = try await eventually("the server is gone") {
      do {
        _ = try await client.send(request)
        return nil as HTTPTransportError?
      } catch HTTPTransportError.connectionRefused(let address) {
        return .connectionRefused(address: address)
      } catch HTTPTransportError.connectionClosed {
        return nil
      }
    }
    #expect(refused == .connectionRefused(address: path))
  }

  @Test func speaksHTTP2WithPriorKnowledge() async throws {
    let server = try await ScriptedServer(speaksHTTP2: true)
    var request = HTTPRequest(.get, server.url())
    request.version = .http2PriorKnowledge
    for _ in 1...2 {
      let response = try await client.send(request)
      #expect((response.status, response.reasonPhrase, response.text) == (200, "", "over HTTP/2"))
    }
  }

  @Test func connectsOverIPv6() async throws {
    let server = try await ScriptedServer(host: "::1")
    #expect(try await client.send(HTTPRequest(.get, server.url(host: "[::1]"))).status == 200)
    #expect(try await client.connect(host: "::1", port: server.port, timeout: .seconds(180)).connect > .zero)
  }

  @Test func namesARefusedConnection() async throws {
    let port = try ClosedPort()
    let refused = HTTPTransportError.connectionRefused(address: "127.0.0.1:\(port.number)")
    await #expect(throws: refused) { try await client.send(HTTPRequest(.get, "http://127.0.0.1:\(port.number)/")) }
    await #expect(throws: refused) {
      try await client.connect(host: "127.0.0.1", port: port.number, timeout: .seconds(180))
    }
  }

  /// The resolver itself refuses a label of 64 bytes: no packet is sent.
  @Test func namesAHostWithoutAddress() async throws {
    let host = String(repeating: "n", count: 64) + ".test"
    await #expect(throws: HTTPTransportError.nameNotResolved(host: host)) {
      try await client.send(HTTPRequest(.get, "http://\(host)/"))
    }
    await #expect(throws: HTTPTransportError.nameNotResolved(host: host)) {
      try await client.connect(host: host, port: 80, timeout: .seconds(180))
    }
  }

  @Test(arguments: ["", "a/b", "user@127.0.0.1", "[::1]", "a b", "127.0.0.1#"])
  func refusesToConnectToWhatIsNoHost(host: String) async {
    let error = await #expect(throws: HTTPTransportError.self) {
      try await client.connect(host: host, port: 1, timeout: .seconds(180))
    }
    guard case .invalidURL = error else {
      Issue.record("expected invalidURL, got \(String(describing: error))")
      return
    }
  }

  @Test func leavesNoDescriptorsBehind() async {
    await #expect(processExitsWith: .success) {
      let certificate = try TestCertificate()
      let server = try await ScriptedServer(certificate: certificate)
      let pin = try #require(CertificateFingerprint(bytes: [UInt8](repeating: 7, count: 32)))
      let client = HTTPClient()
      let wrong = server.request(trust: .fingerprints([pin]))
      var counts: [Int] = []
      for _ in 0...40 {
        await #expect(throws: HTTPTransportError.self) { try await client.send(wrong) }
        _ = try await client.connect(host: "127.0.0.1", port: server.port, timeout: .seconds(180))
        counts.append(try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count)
      }
      // Fewer are possible: pipes to programs that have ended are closed at any time.
      #expect(counts[40] <= counts[0])
    }
  }
}
