package import ControlAPI
import HTTPTransport
import LinuxSystem

/// The ways in which a request to the agent can fail.
package enum ControlClientError: Error, Hashable, Sendable {
  /// Nothing listens on the socket, or the connection broke.
  case agentNotReachable(path: String, reason: String)
  /// The socket exists, but this user may not open it.
  case notPermitted(path: String, reason: String)
  /// The agent answered with an error.
  case api(status: Int, ErrorAnswer)
  /// The response does not come from an agent of this version.
  case malformedAnswer(path: String, reason: String)
  case timedOut(path: String, reason: String)
  case cancelled
}

extension ControlClientError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .agentNotReachable(let path, let reason):
      "no agent answers on '\(path)': \(reason); "
        + "is it running ('pvescout run'), and is this its socket (--socket, PVESCOUT_SOCKET)?"
    case .notPermitted(let path, let reason): "you may not open '\(path)': \(reason)"
    case .api(_, let answer):
      ([answer.error.message] + (answer.problems ?? []) + [answer.error.hint].compactMap { $0 })
        .joined(separator: answer.problems == nil ? "; " : "\n")
    case .malformedAnswer(let path, let reason):
      "what listens on '\(path)' does not answer as a pvescout agent does: \(reason.excerpt)"
    case .timedOut(let path, let reason): "the agent on '\(path)' does not answer: \(reason)"
    case .cancelled: "cancelled"
    }
  }
}

extension ControlClientError {
  init(_ error: HTTPTransportError, path: String) {
    switch error {
    case .timedOut: self = .timedOut(path: path, reason: error.description)
    case .cancelled, .closed: self = .cancelled
    case .malformedResponse, .bodyTooLarge: self = .malformedAnswer(path: path, reason: error.description)
    case .connectionRefused: self = .agentNotReachable(path: path, reason: "nothing listens there any more")
    case .cannotConnect(_, let reason):
      self =
        SocketAccess.refusal(at: path).map { .notPermitted(path: path, reason: $0) }
        ?? .agentNotReachable(path: path, reason: reason)
    default: self = .agentNotReachable(path: path, reason: error.description)
    }
  }
}
