package import JSONDocument

/// How a check came out.
package enum Severity: String, Comparable, Sendable {
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
package struct Finding: Hashable, Sendable {
  /// What was checked: `endpoint`, `token`, `VM.Audit`.
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
}

extension Finding: JSONWritable {
  /// `null` for what was wanted where all is well: every check has the same keys.
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.found, found)
    json.field(CodingKeys.remedies, remedies)
    json.field(CodingKeys.severity, severity.rawValue)
    json.field(CodingKeys.topic, topic)
    json.field(CodingKeys.wanted, wanted)
    json.endObject()
  }
}

/// How to mend something: where, and the exact commands. The agent runs none of them.
package struct Remedy: Hashable, Sendable {
  /// Where the commands belong and what they do, without a colon at its end.
  package var advice: String
  /// Each is a line for a shell, with its names quoted.
  package var commands: [String]

  package init(_ advice: String, _ commands: [String] = []) { (self.advice, self.commands) = (advice, commands) }
}

extension Remedy: JSONWritable {
  private enum CodingKeys: String, CodingKey { case advice, commands }

  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.advice, advice)
    json.field(CodingKeys.commands, commands)
    json.endObject()
  }
}

/// A word for a POSIX shell, to be pasted by a person: `'pvescout@pve!agent'`.
enum ShellWord {
  /// Quotes a text only if the shell could interpret it, including `!`, which interactive shells expand.
  static func quote(_ text: String) -> String {
    let isSafe = !text.isEmpty && text.utf8.allSatisfy { isPlain($0) }
    return isSafe
      ? text : "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: "@"), UInt8(ascii: ","), UInt8(ascii: "="):
      true
    default: false
    }
  }
}
