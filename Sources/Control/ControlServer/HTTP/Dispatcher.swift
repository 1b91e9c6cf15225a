import ControlAPI
import HTTPMessages
import LinuxSystem
import Logging
import NIOCore

/// From a request to its answer: every failure becomes JSON here.
struct Dispatcher: Sendable {
  var handlers: Handlers
  var logger: Logger

  private static let largeAnswer = 1 << 20

  func respond(to request: RequestHead, on channel: any Channel) async -> Response {
    do {
      let response = try await answer(request, channel)
      if case .bytes(let body) = response.body, body.readableBytes > Self.largeAnswer {
        handlers.agent.sentLargeAnswer()
      }
      return response
    } catch let failure as APIFailure {
      return response(failure)
    } catch {
      // Above info, since nothing is thrown further: it is a fault of the agent that only its log can tell.
      logger.error("request failed", metadata: ["http.target": "\(request.target)", "error": "\(error)"])
      return response(.internalError)
    }
  }

  func response(_ failure: APIFailure) -> Response {
    do { return try Response(failure) } catch {
      logger.error("error not encoded", metadata: ["error": "\(error)"])
      return Response(status: failure.status, contentType: "text/plain", body: .bytes(ByteBuffer()))
    }
  }

  private func answer(_ request: RequestHead, _ channel: any Channel) async throws -> Response {
    let target = request.target
    let path = String(target.prefix { $0 != "?" })
    guard let segments = PathPattern.segments(of: path) else {
      throw APIFailure.badRequest("malformed_path", "the path has a broken percent-encoding: \(path.excerpt)")
    }
    for endpoint in Endpoint.all {
      guard let alias = endpoint.pattern.match(segments) else { continue }
      guard endpoint.takes(request.method) else {
        throw APIFailure.methodNotAllowed(request.methodName, path, allow: endpoint.allow)
      }
      let query = try RequestQuery(String(target.dropFirst(path.count + 1)), known: endpoint.parameters)
      let matched = APIRequest(alias: alias, query: query, head: request, channel: channel)
      return try await endpoint.handler(handlers, matched)
    }
    throw APIFailure.pathNotFound(path)
  }
}
