/// The result of a check.
package enum Severity: String, Comparable, Encodable, Sendable {
  case ok, warning, problem

  private var rank: Int {
    switch self {
    case .ok: 0
    case .warning: 1
    case .problem: 2
    }
  }

  package static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }
}

/// The outcome of one check: what was found, what was wanted, and how to fix it.
package struct Finding: Hashable, Encodable, Sendable {
  /// The subject of the check: `endpoint`, `token`, `VM.Audit`.
  package var topic: String
  package var severity: Severity
  /// One or two sentences, without secrets.
  package var found: String
  /// Nil if nothing is wrong.
  package var wanted: String?
  package var remedies: [Remedy]

  package init(
    _ topic: String, _ severity: Severity, _ found: String, wanted: String? = nil, remedies: [Remedy] = []
  ) {
    (self.topic, self.severity, self.found, self.wanted, self.remedies) = (topic, severity, found, wanted, remedies)
  }

  package static func ok(_ topic: String, _ found: String) -> Finding { Finding(topic, .ok, found) }

  private enum CodingKeys: String, CodingKey { case topic, severity, found, wanted, remedies }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(topic, forKey: .topic)
    try container.encode(severity, forKey: .severity)
    try container.encode(found, forKey: .found)
    // `null` if nothing is wrong: every check has the same keys.
    try container.encode(wanted, forKey: .wanted)
    try container.encode(remedies, forKey: .remedies)
  }
}

/// How to fix something: where, and the exact commands. The program never runs them itself.
package struct Remedy: Hashable, Encodable, Sendable {
  /// Where the commands are run and what they do, without a trailing colon.
  package var advice: String
  /// Each is a line for a shell, with its names quoted.
  package var commands: [String]

  package init(_ advice: String, _ commands: [String] = []) { (self.advice, self.commands) = (advice, commands) }
}
