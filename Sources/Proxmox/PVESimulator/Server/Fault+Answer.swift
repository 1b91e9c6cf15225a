extension Fault.Kind {
  /// The answer that replaces the right one; nil for `hang` and `drop`.
  func answer(replacing right: () -> Answer) -> Answer? {
    switch self {
    case .hang, .drop: nil
    case .truncated: right()
    case .status(let status, let reason, let body, let delay):
      Answer(status: status, reason: reason, body: body.map { Array($0.utf8) }, connection: .close, delay: delay)
    case .delay(let delay): right().changed { $0.delay += delay }
    case .html502:
      .page("<html><body><h1>502 Bad Gateway</h1></body></html>\n", status: 502, reason: "Bad Gateway")
    case .halfJSON: right().changed { $0.body = $0.body.map { Array($0.prefix($0.count / 2)) } }
    case .brokenGzip: right().changed { $0.encoding = "gzip" }
    case .body(let text): Answer(status: 200, reason: "OK", body: Array(text.utf8))
    }
  }

  var isTruncation: Bool {
    if case .truncated = self { true } else { false }
  }
}

extension Answer {
  fileprivate func changed(_ change: (inout Answer) -> Void) -> Answer {
    var answer = self
    change(&answer)
    return answer
  }
}
