import ControlAPI
import LinuxSystem
import Notifications

extension Handlers {
  /// `POST /v1/notify/{name}/test`.
  func testNotice(_ request: APIRequest) async throws -> Response {
    _ = try await administrator(request, to: "send notices")
    let name = request.alias
    switch await agent.testNotice(to: name) {
    case .delivered(let destination, let answer):
      return .json(TestNoticeAnswer(name: name, destination: destination, answer: answer))
    case .failed(let destination, let reason, let location):
      throw APIFailure(
        .badGateway,
        ErrorAnswer(
          code: "notice_not_delivered", message: "notify '\(name)' cannot deliver to \(destination): \(reason)",
          hint: "mend the entry at \(location); the agent takes up the changed file by itself"))
    case .unknown(let names):
      throw APIFailure(
        .notFound,
        ErrorAnswer(
          code: "notify_not_found", message: "notify has no entry '\(name.excerpt)'",
          hint: names.isEmpty ? "pvescout.yml has no notify: yet" : "the entries are: \(names.joined(separator: ", "))")
      )
    }
  }
}
