/// How a check came out.
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

/// The outcome of one check: what was found, what was wanted, and how to mend it.
package struct Finding: Hashable, Encodable, Sendable {
  /// What was looked at: `endpoint`, `token`, `VM.Audit`.
  package var topic: String
  package var severity: Severity
  /// One sentence or two, without a secret.
  package var found: String
  /// Nil where all is well.
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
    // `null` where all is well: every check has the same keys.
    try container.encode(wanted, forKey: .wanted)
    try container.encode(remedies, forKey: .remedies)
  }
}

/// How to mend something: where, and the exact commands. None is ever run by us.
package struct Remedy: Hashable, Encodable, Sendable {
  /// Where the commands belong and what they do, without a colon at its end.
  package var advice: String
  /// Each a line for a shell, its names quoted.
  package var commands: [String]

  package init(_ advice: String, _ commands: [String] = []) { (self.advice, self.commands) = (advice, commands) }
}
