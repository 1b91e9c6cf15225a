/// An answer without data: the status, and the text for the reason phrase.
struct Refusal: Error {
  /// The body of such an answer.
  enum Body {
    /// `{"data":null}`, with the text from PVE 8.4 on.
    case json
    /// As `json`, with the problem of each parameter.
    case errors([String: String])
    /// No body and no `Content-Length`.
    case empty
  }

  /// The delay before PVE sends such an answer.
  enum Delay {
    case none
    /// Three seconds after every 401.
    case authentication
    /// Three seconds for a guest agent that does not answer.
    case agent
  }

  var status: Int
  var reason: String
  var body: Body = .json
  var delay = Delay.none

  static func unauthorized(_ reason: String) -> Refusal {
    Refusal(status: 401, reason: reason, body: .empty, delay: .authentication)
  }

  static func forbidden(_ path: String, _ privileges: [String]) -> Refusal {
    Refusal(status: 403, reason: "Permission check failed (\(path), \(privileges.joined(separator: "|")))")
  }

  /// PVE's answer to all other errors, including "not found".
  static func failed(_ reason: String) -> Refusal { Refusal(status: 500, reason: reason) }

  static func missingConfiguration(_ file: String) -> Refusal {
    failed("Configuration file '\(file)' does not exist")
  }

  static func invalid(_ parameter: String, _ problem: String) -> Refusal {
    Refusal(status: 400, reason: "Parameter verification failed.", body: .errors([parameter: problem]))
  }

  static func notImplemented(_ method: String, _ path: String) -> Refusal {
    Refusal(status: 501, reason: "Method '\(method) \(path)' not implemented")
  }
}
