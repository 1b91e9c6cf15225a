import Foundation
import HTTPTransport
import TestSupport
import Testing

/// The client's results for valid and invalid answers.
@Suite(.timeLimit(.minutes(5))) struct ResponseTests {
  let client = HTTPClient()

  @Test func readsALargeBodyWhole() async throws {
    let body = Array(repeatElement(Array(0...250), count: 20_000).joined()) as [UInt8]
    let server = try await ScriptedServer(["*": [.answer(body: body)]])
    #expect(try await client.send(HTTPRequest(.get, server.url())).body == body)
  }

  @Test func refusesABodyOverTheLimit() async throws {
    let server = try await ScriptedServer(["/long": [.flood(1), .close], "*": [.answer(body: "123456")]])
    var request = HTTPRequest(.get, server.url())
    request.maximumBodySize = 6
    #expect(try await client.send(request).text == "123456")
    request.maximumBodySize = 5
    await #expect(throws: HTTPTransportError.bodyTooLarge(limit: 5)) { try await client.send(request) }
  }

  /// libcurl delivers a body in pieces of at most 16 KiB, each of which is below the limit.
  @Test func holdsTheLimitForTheSumOfThePieces() async throws {
    let server = try await ScriptedServer(["*": [.answer(body: [UInt8](repeating: 0x78, count: 100_000))]])
    var request = HTTPRequest(.get, server.url())
    request.maximumBodySize = 100_000
    #expect(try await client.send(request).body.count == 100_000)
    request.maximumBodySize = 99_999
    await #expect(throws: HTTPTransportError.bodyTooLarge(limit: 99_999)) { try await client.send(request) }
  }

  @Test func unpacksGzipWithinTheLimit() async throws {
    let packed = try #require(
      Data(base64Encoded: "H4sIAAAAAAACA+3EMQ0AAAgDMCuYI+FYgv8PEbzt0elka2zbtm3btm3b9uMDwTcMQHAXAAA="))
    let server = try await ScriptedServer([
      "*": [.answer(headers: ["Content-Encoding: gzip"], body: Array(packed))]
    ])
    var request = HTTPRequest(.get, server.url())
    #expect(try await client.send(request).text == String(repeating: "hello ", count: 1000))
    request.maximumBodySize = 5999
    await #expect(throws: HTTPTransportError.bodyTooLarge(limit: 5999)) { try await client.send(request) }
  }

  @Test func readsChunksAndDropsTrailersAndInterimResponses() async throws {
    let server = try await ScriptedServer([
      "*": [
        .send("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"),
        .send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 5\r\n\r\n"),
      ]
    ])
    let response = try await client.send(HTTPRequest(.get, server.url()))
    #expect(response.text == "abcde")
    #expect(response.status == 200)
    #expect(response.header("link") == nil)
    #expect(response.header("x-sum") == nil)
  }

  @Test func doesNotFollowRedirects() async throws {
    let server = try await ScriptedServer(["*": [.answer("302 Found", headers: ["Location: /elsewhere"])]])
    let response = try await client.send(HTTPRequest(.get, server.url("/here")))
    #expect(response.status == 302)
    #expect(response.header("location") == "/elsewhere")
    #expect(try await server.events(.request).map(\.path) == ["/here"])
  }

  @Test func takesAnHTMLPageForAnAnswer() async throws {
    let server = try await ScriptedServer(["*": [.answer("502 Bad Gateway", body: "<html>nope</html>")]])
    let response = try await client.send(HTTPRequest(.get, server.url()))
    #expect((response.status, response.text) == (502, "<html>nope</html>"))
  }

  @Test(arguments: [
    "<html>no status line</html>\r\n\r\n", "SSH-2.0-OpenSSH_9.2p1\r\n", "HTTP/1.1 abc OK\r\nA: b\r\n\r\n",
  ])
  func namesWhatIsNoHTTP(answer: String) async throws {
    let server = try await ScriptedServer(["*": [.send(answer), .close]])
    let error = await #expect(throws: HTTPTransportError.self) {
      try await client.send(HTTPRequest(.get, server.url()))
    }
    guard case .malformedResponse = error else {
      Issue.record("expected malformedResponse, got \(String(describing: error))")
      return
    }
  }

  @Test func refusesHeadersWithoutEnd() async throws {
    let line = "X-Long: \(String(repeating: "y", count: 60_000))\r\n"
    let server = try await ScriptedServer([
      "*": [.send("HTTP/1.1 200 OK\r\n")] + Array(repeating: .send(line), count: 6) + [.hold]
    ])
    let error = await #expect(throws: HTTPTransportError.self) {
      try await client.send(HTTPRequest(.get, server.url()))
    }
    #expect(error == .malformedResponse(reason: "its headers are longer than 256 KiB"))
  }

  @Test(arguments: [
    [ScriptedServer.Step.close], [.reset], [.send("HTTP/1.1 200 OK\r\nContent-Le"), .close],
    [.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"), .close],
    [.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"), .reset],
    [.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nhalf"), .close],
  ])
  func namesAnAnswerThatBreaksOff(steps: [ScriptedServer.Step]) async throws {
    let server = try await ScriptedServer(["*": steps])
    let error = await #expect(throws: HTTPTransportError.self) {
      try await client.send(HTTPRequest(.get, server.url()))
    }
    switch error {
    case .connectionClosed(let reason): #expect(!reason.isEmpty)
    default: Issue.record("expected connectionClosed, got \(String(describing: error))")
    }
  }
}
