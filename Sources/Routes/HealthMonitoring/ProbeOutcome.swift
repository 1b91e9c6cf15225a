/// What one probe found. Of every route two are kept, so each is no more than a reference.
indirect enum ProbeOutcome: Hashable, Sendable {
  /// It answers; the detail is one line for a person: `200 OK`.
  case success(latency: Duration, detail: String)
  case failure(ProbeFailure)
  /// The check itself cannot run: a name that does not resolve, a path that is none.
  case impossible(reason: String)
  /// There is no way to find out; the service may be well or not.
  case notCheckable(reason: String)
  /// The probe was called off and says nothing.
  case abandoned
}

/// How an upstream failed a probe.
enum ProbeFailure: Hashable, Sendable {
  case refused(address: String)
  /// No route, network unreachable and their like.
  case unreachable(address: String, reason: String)
  case timedOut(phase: String, after: Duration)
  /// - Parameter wanted: the statuses that the route expects, where that has to be said.
  case badStatus(Int, reason: String, wanted: String?, after: Duration)
  case certificate(reason: String)
  case tls(reason: String)
  /// It talks, yet not as it should.
  case badAnswer(reason: String)
  /// A file server's folder that is missing or closed to us.
  case folder(reason: String)

  /// Whether nobody was met at all, which the state of a guest or node can explain.
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
