import ControlAPI
import Hummingbird
import LinuxSystem
import Logging
import NIOCore

/// From a request to its answer: every failure becomes JSON here.
struct Dispatcher: Sendable {
  var handlers: Handlers
  var logger: Logger

  private static let largeAnswer = 1 << 20

  func respond(to request: Request, on channel: any Channel) async throws -> Response {
    var response: Response
    do {
      response = try await answer(request, channel)
    } catch let failure as APIFailure {
      response = try Response(failure)
    } catch {
      // Above info, since nothing is thrown further: it is a fault of the agent that only its log can tell.
      logger.error("request failed", metadata: ["http.path": "\(request.uri.path)", "error": "\(error)"])
      let answer = ErrorAnswer(code: "internal_error", message: "the agent failed to answer; its log says why")
      response = try .json(answer, status: .internalServerError)
    }
    if let length = response.body.contentLength, length > Self.largeAnswer { handlers.agent.sentLargeAnswer() }
    return request.method == .head ? response.createHeadResponse() : response
  }

  private func answer(_ request: Request, _ channel: any Channel) async throws -> Response {
    let path = request.uri.path
    guard let segments = PathPattern.segments(of: path) else {
      throw APIFailure.badRequest("malformed_path", "the path has a broken percent-encoding: \(path.excerpt)")
    }
    for endpoint in Endpoint.all {
      guard let alias = endpoint.pattern.match(segments) else { continue }
      guard endpoint.takes(request.method) else {
        throw APIFailure.methodNotAllowed(request.method.rawValue, path, allow: endpoint.allow)
      }
      let query = try RequestQuery(request.uri.query, known: endpoint.parameters)
      let matched = APIRequest(alias: alias, query: query, headers: request.headers, channel: channel)
      return try await endpoint.handler(handlers, matched)
    }
    throw APIFailure.pathNotFound(path)
  }
}
