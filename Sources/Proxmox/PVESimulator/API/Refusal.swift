/// An answer that is no data: the status, and the text that PVE puts into the reason phrase.
struct Refusal: Error {
  /// What the body of such an answer holds.
  enum Body {
    /// `{"data":null}`, and from PVE 8.4 on the text.
    case json
    /// As `json`, with what is wrong with each parameter.
    case errors([String: String])
    /// Nothing, and no `Content-Length` either.
    case empty
  }

  /// What PVE lets pass before it answers so.
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

  /// PVE's word for everything else, "not found" included.
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
