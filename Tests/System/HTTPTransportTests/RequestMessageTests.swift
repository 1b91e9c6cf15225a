import Foundation
import HTTPTransport
import TestSupport
import Testing

/// A request as a server receives it.
@Suite(.timeLimit(.minutes(5))) struct RequestMessageTests {
  let client = HTTPClient()

  @Test(arguments: [
    (HTTPRequest.Method.get, "", nil as String?), (.delete, "", nil), (.post, "a=1&b=2", "7"), (.post, "", "0"),
    (.put, "{}", "2"), (.put, "", "0"), (.delete, "gone", "4"),
  ])
  func sendsMethodPathAndBody(method: HTTPRequest.Method, body: String, length: String?) async throws {
    let server = try await ScriptedServer(["*": [.echo]])
    var request = HTTPRequest(method, server.url("/a/../b%20c?x=y"))
    request.body = Array(body.utf8)
    request.headers = [("Authorization", "PVEAPIToken=me@pve!t=s"), ("X-Empty", "")]
    #expect(try await client.send(request).status == 200)
    let seen = try #require(try await server.events(.request).first)
    #expect(seen.method == method.rawValue)
    #expect(seen.path == "/a/../b%20c?x=y")
    #expect(seen.body == body)
    let headers = try #require(seen.headers)
    #expect(headers["host"] == "127.0.0.1:\(server.port)")
    #expect(headers["authorization"] == "PVEAPIToken=me@pve!t=s")
    #expect(headers["x-empty"] == "")
    #expect(headers["content-length"] == length)
    #expect(headers["expect"] == nil)
    #expect(headers["transfer-encoding"] == nil)
    #expect(headers["content-type"] == nil)
    #expect(headers["accept-encoding"]?.contains("gzip") == true)
  }

  @Test func sendsALargeBodyAtOnceWithItsLength() async throws {
    let server = try await ScriptedServer(["*": [.answer()]])
    var request = HTTPRequest(.post, server.url())
    request.body = [UInt8](repeating: UInt8(ascii: "b"), count: 3 << 20)
    request.headers = [("Content-Type", "application/octet-stream")]
    #expect(try await client.send(request).status == 200)
    let seen = try #require(try await server.events(.request).first)
    #expect(seen.body?.utf8.count == 3 << 20)
    #expect(seen.headers?["content-type"] == "application/octet-stream")
    #expect(seen.headers?["expect"] == nil)
  }

  @Test func asksForHeadersOnlyWithHead() async throws {
    let server = try await ScriptedServer([
      "*": [.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")]
    ])
    let response = try await client.send(HTTPRequest(.head, server.url()))
    #expect(response.header("Content-Length") == "1000")
    #expect(response.body.isEmpty)
    #expect(try await server.events(.request).map(\.method) == ["HEAD"])
  }

  @Test(arguments: [("X-A", "1\r\nX-B: 2"), ("X-A", "1\n2"), ("X A", "1"), ("", "1"), ("X-A:", "1"), ("X-A", "\0")])
  func refusesAHeaderThatCouldSmuggle(name: String, value: String) async throws {
    let server = try await ScriptedServer()
    var request = HTTPRequest(.get, server.url())
    request.headers = [(name, value)]
    await #expect(throws: HTTPTransportError.invalidHeader(name: name)) { try await client.send(request) }
    #expect(try await server.events(.connection).isEmpty)
  }

  @Test(arguments: [
    "", "127.0.0.1", "/relative", "ftp://127.0.0.1/", "file:///etc/passwd", "http://", "http://127.0.0.1:70000/",
    "http://127.0.0.1/a b", "http://127.0.0.1/\r\nX: y", "http://user:secret@127.0.0.1/",
  ])
  func refusesWhatIsNoURL(url: String) async throws {
    let error = await #expect(throws: HTTPTransportError.self) { try await client.send(HTTPRequest(.get, url)) }
    guard case .invalidURL(let text) = error else {
      Issue.record("expected invalidURL, got \(String(describing: error))")
      return
    }
    #expect(!text.contains("secret"))
  }

  @Test func leavesProxiesOfTheEnvironmentAlone() async {
    await #expect(processExitsWith: .success) {
      for name in ["http_proxy", "https_proxy", "all_proxy", "ALL_PROXY"] {
        setenv(name, "http://127.0.0.1:1", 1)
      }
      let server = try await ScriptedServer()
      #expect(try await HTTPClient().send(HTTPRequest(.get, server.url())).status == 200)
    }
  }
}
