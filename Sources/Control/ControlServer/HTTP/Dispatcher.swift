import ControlAPI
import HTTPMessages
import LinuxSystem
import Logging
import NIOCore

/// Finds the operation of a request and makes its answer; every failure becomes JSON here.
struct Dispatcher: Sendable {
  /// The answer to a request.
  enum Reply: Sendable {
    case now(Response)
    /// An answer that waits for something, or continues for as long as the client reads.
    case later(@Sendable () async -> Response)
  }

  var handlers: Handlers
  var logger: Logger

  func reply(to request: RequestHead, on channel: any Channel) -> Reply {
    do {
      let (operation, matched) = try match(request, channel)
      switch operation.handler {
      case .immediate(let handler): return .now(try handler(handlers, matched))
      case .waiting(let handler):
        return .later {
          do { return try await handler(handlers, matched) } catch { return response(to: request, failing: error) }
        }
      }
    } catch {
      return .now(response(to: request, failing: error))
    }
  }

  private func response(to request: RequestHead, failing error: any Error) -> Response {
    if let failure = error as? APIFailure { return Response(failure) }
    // Above info, because the error is not rethrown: only the log reports this fault of the agent.
    logger.error("request failed", metadata: ["http.target": "\(request.target)", "error": "\(error)"])
    return Response(.internalError)
  }

  private func match(
    _ request: RequestHead, _ channel: any Channel
  ) throws(APIFailure) -> (APIOperation, APIRequest) {
    let target = request.target
    let path = String(target.prefix { $0 != "?" })
    guard let segments = PathPattern.segments(of: path) else {
      throw .badRequest("malformed_path", "the path has a broken percent-encoding: \(path.excerpt)")
    }
    for operation in APIOperation.all {
      guard let alias = operation.pattern.match(segments) else { continue }
      guard operation.accepts(request.method) else {
        throw .methodNotAllowed(request.methodName, path, allow: operation.allow)
      }
      let query = try RequestQuery(String(target.dropFirst(path.count + 1)), known: operation.parameters)
      return (operation, APIRequest(alias: alias, query: query, head: request, channel: channel))
    }
    throw .pathNotFound(path)
  }
}
