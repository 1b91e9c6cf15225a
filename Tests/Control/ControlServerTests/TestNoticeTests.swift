import HTTPTransport
import Notifications
import RouteModel
import TestSupport
import Testing

@testable import ControlServer

/// Test notices over the socket.
@Suite(.timeLimit(.minutes(5))) struct TestNoticeTests {
  private static func post(_ name: String, _ agent: StubAgent) async throws -> (status: Int, body: JSON) {
    let answer = try await withServer(agent) { _, socket in
      try await send(.post, "/v1/notify/\(name)/test", to: socket.path)
    }
    return (answer.status, try JSON(parsing: answer.body))
  }

  @Test func saysWhatTheDestinationAnswered() async throws {
    let agent = StubAgent()
    agent.set(.delivered(to: "https://ntfy.sh", answer: "it answered 200"))
    let (status, body) = try await Self.post("my%20phone%2F2", agent)
    #expect(status == 200)
    #expect(body == ["name": "my phone/2", "destination": "https://ntfy.sh", "answer": "it answered 200"])
    #expect(agent.testNotices == ["my phone/2"])
  }

  @Test func saysWhatToMend() async throws {
    let agent = StubAgent()
    let location = SourceLocation(file: "pvescout.yml", line: 12, column: 5)
    agent.set(.failed(to: "https://ntfy.sh", reason: "it answered 403: it wants another token", location: location))
    let (status, body) = try await Self.post("phone", agent)
    #expect(status == 502 && body["error"]["code"] == "notice_not_delivered")
    let problem = "notify 'phone' cannot deliver to https://ntfy.sh: it answered 403: it wants another token"
    #expect(body["error"]["message"] == .string(problem))
    #expect(body["error"]["hint"].string?.contains("pvescout.yml:12:5") == true, "\(body)")
  }

  @Test(arguments: [(["chat", "phone"], "the entries are: chat, phone"), ([], "pvescout.yml has no notify: yet")])
  func listsTheNames(_ names: [String], _ hint: String) async throws {
    let agent = StubAgent()
    agent.set(.unknown(names: names))
    let (status, body) = try await Self.post("fone", agent)
    #expect(status == 404 && body["error"]["code"] == "notify_not_found")
    #expect(body["error"]["message"] == "notify has no entry 'fone'" && body["error"]["hint"] == .string(hint))
  }
}
