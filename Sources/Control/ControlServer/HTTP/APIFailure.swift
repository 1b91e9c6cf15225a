import ControlAPI
import Hummingbird
import LinuxSystem

/// An answer that is not what was asked for: an HTTP status and an ``ErrorAnswer``.
struct APIFailure: Error {
  var status: HTTPResponse.Status
  var answer: ErrorAnswer
  var allow: String?

  init(_ status: HTTPResponse.Status, _ answer: ErrorAnswer, allow: String? = nil) {
    (self.status, self.answer, self.allow) = (status, answer, allow)
  }

  static func badRequest(_ code: String, _ message: String, hint: String? = nil) -> APIFailure {
    APIFailure(.badRequest, ErrorAnswer(code: code, message: message, hint: hint))
  }

  static func pathNotFound(_ path: String) -> APIFailure {
    APIFailure(
      .notFound,
      ErrorAnswer(
        code: "path_not_found", message: "there is nothing at \(path.excerpt)",
        hint: "the paths are: " + Endpoint.all.map(\.pattern.text).joined(separator: ", ")))
  }

  static func methodNotAllowed(_ method: String, _ path: String, allow: String) -> APIFailure {
    APIFailure(
      .methodNotAllowed,
      ErrorAnswer(
        code: "method_not_allowed", message: "\(path.excerpt) does not take \(method.excerpt)", hint: "use \(allow)"),
      allow: allow)
  }

  static func forbidden(_ message: String, hint: String) -> APIFailure {
    APIFailure(.forbidden, ErrorAnswer(code: "forbidden", message: message, hint: hint))
  }
}
