/// An HTTP answer, and what happens to the connection.
struct SimulatorResponse {
  enum Connection {
    case keepAlive
    case close
    /// pvedaemon's answer, forwarded by pveproxy: it has both `close` and `Keep-Alive`, and keeps the connection.
    case protected
  }

  var status: Int
  var reason: String
  var contentType = "application/json;charset=UTF-8"
  /// The `Content-Encoding`; nil for none.
  var encoding: String?
  /// Nil for an answer without body and `Content-Length`.
  var body: [UInt8]?
  var connection = Connection.keepAlive
  var delay = Duration.zero

  static func page(_ html: String, status: Int = 200, reason: String = "OK") -> SimulatorResponse {
    SimulatorResponse(
      status: status, reason: reason, contentType: "text/html; charset=UTF-8", body: Array(html.utf8),
      connection: status < 400 ? .keepAlive : .close)
  }

  static func data(_ data: PVEJSONWriter, isProtected: Bool = false) -> SimulatorResponse {
    SimulatorResponse(
      status: 200, reason: "OK", body: Array(#"{"data":"#.utf8) + data.bytes + Array("}".utf8),
      connection: isProtected ? .protected : .keepAlive)
  }

  /// Any status from 400 on ends the connection.
  static func refusal(_ refusal: Refusal, version: PVEVersion) -> SimulatorResponse {
    SimulatorResponse(
      status: refusal.status, reason: refusal.reason, body: refusal.document(version: version)?.bytes,
      connection: .close)
  }
}

extension Refusal {
  /// Up to PVE 8.3, the text is only in the reason phrase.
  func document(version: PVEVersion) -> PVEJSONWriter? {
    var problems: [String: String] = [:]
    switch body {
    case .empty: return nil
    case .json: break
    case .errors(let errors): problems = errors
    }
    var writer = PVEJSONWriter()
    writer.object { writer in
      writer.key("data")
      writer.null()
      if version.repeatsErrorsInBody { writer.field("message", reason + "\n") }
      guard !problems.isEmpty else { return }
      writer.key("errors")
      writer.object { writer in
        for (parameter, problem) in problems.sorted(by: { $0.key < $1.key }) { writer.field(parameter, problem) }
      }
    }
    return writer
  }
}
