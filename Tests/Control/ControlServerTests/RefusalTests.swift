import ControlAPI
import ControlServer
import HTTPTransport
import Testing

/// The socket's answers to requests that it cannot serve.
@Suite(.timeLimit(.minutes(5))) struct RefusalTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var method = HTTPRequest.Method.get
    var path: String
    var status: Int
    var code: String
    var hint: String
    var testDescription: String { "\(method.rawValue) \(path)" }
  }

  @Test(arguments: [
    Row(path: "/v1/routes/plez", status: 404, code: "route_not_found", hint: "plex"),
    Row(path: "/v1/health/plez", status: 404, code: "route_not_found", hint: "plex"),
    Row(path: "/v1/routes/zzzzzzzzz/explain", status: 404, code: "route_not_found", hint: "/v1/routes"),
    Row(path: "/", status: 404, code: "path_not_found", hint: "/v1/routes"),
    Row(path: "/v2/routes", status: 404, code: "path_not_found", hint: "/v1/routes"),
    Row(path: "/v1/routes?pol=http", status: 400, code: "unknown_parameter", hint: "pool"),
    Row(path: "/v1?x=1", status: 400, code: "unknown_parameter", hint: "takes none"),
    Row(path: "/v1/routes?pool=tcp", status: 400, code: "invalid_parameter", hint: "stream"),
    Row(path: "/v1/routes?status=fine", status: 400, code: "invalid_parameter", hint: "healthy"),
    Row(path: "/v1/routes?vmid=abc", status: 400, code: "invalid_parameter", hint: ""),
    Row(path: "/v1/routes?pool=%zz", status: 400, code: "malformed_query", hint: ""),
    Row(path: "/v1/routes/%zz", status: 400, code: "malformed_path", hint: ""),
    Row(path: "/v1/health?view=all", status: 400, code: "invalid_parameter", hint: "summary"),
    Row(path: "/v1/lookup", status: 400, code: "missing_parameter", hint: "host"),
    Row(path: "/v1/lookup?address=plex", status: 400, code: "invalid_parameter", hint: "host"),
    Row(path: "/v1/lookup?alias=a&alias=b", status: 400, code: "repeated_parameter", hint: ""),
    Row(path: "/v1/events?since=then", status: 400, code: "invalid_parameter", hint: ""),
    Row(path: "/v1/events?type=everything", status: 400, code: "invalid_parameter", hint: "route.added"),
    Row(method: .post, path: "/v1/routes", status: 405, code: "method_not_allowed", hint: "GET"),
    Row(path: "/v1/reload", status: 405, code: "method_not_allowed", hint: "POST"),
  ])
  func refusesWithAStatusACodeAndAHint(_ row: Row) async throws {
    let response = try await withServer { _, socket in try await send(row.method, row.path, to: socket.path) }
    #expect(response.status == row.status)
    #expect(response.header("Content-Type") == "application/json")
    let answer = try WireFormat.decode(ErrorAnswer.self, from: response.body)
    #expect(answer.error.code == row.code)
    #expect((answer.error.hint ?? "").contains(row.hint))
    #expect(String(decoding: response.body, as: UTF8.self).contains("\"hint\":"))
  }

  @Test(arguments: [(HTTPRequest.Method.delete, "/v1/routes/plex", "GET, HEAD"), (.put, "/v1/reload", "POST")])
  func namesTheMethodsThatAPathTakes(_ method: HTTPRequest.Method, _ path: String, _ allow: String) async throws {
    let response = try await withServer { _, socket in try await send(method, path, to: socket.path) }
    #expect(response.status == 405)
    #expect(response.header("Allow") == allow)
  }

  @Test func answersHeadWithoutABody() async throws {
    try await withServer { _, socket async throws in
      let head = try await send(.head, "/v1/routes", to: socket.path)
      let get = try await send(.get, "/v1/routes", to: socket.path)
      #expect(head.status == 200)
      #expect(head.body.isEmpty)
      #expect(!get.body.isEmpty)
    }
  }
}
