/// The result of one probe. Two are stored per route, so it is only a reference.
indirect enum ProbeOutcome: Hashable, Sendable {
  /// The target answered; the detail is one line for people: `200 OK`.
  case success(latency: Duration, detail: String)
  case failure(ProbeFailure)
  /// The check itself cannot run: a name that does not resolve, an invalid path.
  case impossible(reason: String)
  /// The state of the service cannot be determined.
  case notCheckable(reason: String)
  /// The probe was cancelled, or has no result for another reason of the agent's own.
  case abandoned
}

/// How an upstream failed a probe.
enum ProbeFailure: Hashable, Sendable {
  case refused(address: String)
  /// No route, network unreachable and similar errors.
  case unreachable(address: String, reason: String)
  case timedOut(phase: String, after: Duration)
  /// - Parameter wanted: the statuses that the route expects, if they belong into the message.
  case badStatus(Int, reason: String, wanted: String?, after: Duration)
  case certificate(reason: String)
  case tls(reason: String)
  /// It answers incorrectly.
  case badAnswer(reason: String)
  /// A file server's folder is missing, or the agent may not read it.
  case folder(reason: String)

  /// Whether there was no answer at all, which the state of a guest or node can explain.
  var isSilence: Bool {
    switch self {
    case .refused, .unreachable, .timedOut: true
    case .badStatus, .certificate, .tls, .badAnswer, .folder: false
    }
  }

  /// A few words for a table.
  var summary: String {
    switch self {
    case .refused: "connection refused"
    case .unreachable(_, let reason): reason
    case .timedOut(_, let limit): "timed out after \(limit.spoken)"
    case .badStatus(let status, let reason, let wanted, _):
      StatusLine.text(status, reason: reason) + (wanted.map { ", wanted \($0)" } ?? "")
    case .certificate(let reason): "certificate \(reason)"
    case .tls(let reason): "TLS failed: \(reason)"
    case .badAnswer(let reason), .folder(let reason): reason
    }
  }
}

extension Duration {
  /// For people, in one unit: `5 s`, `2.5 s`, `12 ms`, at least `1 ms`.
  var spoken: String {
    let milliseconds = max(1, (components.attoseconds / 1_000_000_000_000_000) + components.seconds * 1000)
    if milliseconds < 1000 { return "\(milliseconds) ms" }
    let tenths = milliseconds % 1000 / 100
    return tenths == 0 ? "\(milliseconds / 1000) s" : "\(milliseconds / 1000).\(tenths) s"
  }
}
