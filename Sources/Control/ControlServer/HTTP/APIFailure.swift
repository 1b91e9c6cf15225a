import ControlAPI
import HTTPMessages
import LinuxSystem

/// A failed request: an HTTP status and an ``ErrorAnswer``.
struct APIFailure: Error {
  var status: Response.Status
  var answer: ErrorAnswer
  var allow: String?

  init(_ status: Response.Status, _ answer: ErrorAnswer, allow: String? = nil) {
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
        hint: "the paths are: " + APIOperation.all.map(\.pattern.text).joined(separator: ", ")))
  }

  static func methodNotAllowed(_ method: String, _ path: String, allow: String) -> APIFailure {
    APIFailure(
      .methodNotAllowed,
      ErrorAnswer(
        code: "method_not_allowed", message: "\(path.excerpt) does not take \(method.excerpt)", hint: "use \(allow)"),
      allow: allow)
  }

  static func malformedRequest(_ fault: MessageFault) -> APIFailure {
    .badRequest("malformed_request", "the request cannot be read: \(fault)")
  }

  static func requestTimeout(_ limit: Duration) -> APIFailure {
    APIFailure(
      .requestTimeout,
      ErrorAnswer(
        code: "request_timeout", message: "the request was not complete within \(limit / .seconds(1)) seconds"))
  }

  static func bodyTooLarge(_ limit: Int) -> APIFailure {
    APIFailure(
      .contentTooLarge,
      ErrorAnswer(code: "body_too_large", message: "the body is longer than \(limit) bytes; no path takes one"))
  }

  static let internalError = APIFailure(
    .internalServerError,
    ErrorAnswer(code: "internal_error", message: "the agent failed to answer; its log says why"))

  /// The present state does not allow it.
  static func conflict(_ message: String, hint: String?) -> APIFailure {
    APIFailure(.conflict, ErrorAnswer(code: "not_possible", message: message, hint: hint))
  }

  static func forbidden(_ message: String, hint: String) -> APIFailure {
    APIFailure(.forbidden, ErrorAnswer(code: "forbidden", message: message, hint: hint))
  }
}
