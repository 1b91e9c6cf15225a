extension Fault.Kind {
  /// The answer that replaces the right one; nil for `hang` and `drop`.
  func answer(replacing right: () -> SimulatorResponse) -> SimulatorResponse? {
    switch self {
    case .hang, .drop: nil
    case .truncated: right()
    case .status(let status, let reason, let body, let delay):
      SimulatorResponse(
        status: status, reason: reason, body: body.map { Array($0.utf8) }, connection: .close, delay: delay)
    case .delay(let delay): right().changed { $0.delay += delay }
    case .html502:
      .page("<html><body><h1>502 Bad Gateway</h1></body></html>\n", status: 502, reason: "Bad Gateway")
    case .halfJSON: right().changed { $0.body = $0.body.map { Array($0.prefix($0.count / 2)) } }
    case .brokenGzip: right().changed { $0.encoding = "gzip" }
    case .body(let text): SimulatorResponse(status: 200, reason: "OK", body: Array(text.utf8))
    }
  }

  var isTruncation: Bool {
    if case .truncated = self { true } else { false }
  }
}

extension SimulatorResponse {
  fileprivate func changed(_ change: (inout SimulatorResponse) -> Void) -> SimulatorResponse {
    var answer = self
    change(&answer)
    return answer
  }
}
