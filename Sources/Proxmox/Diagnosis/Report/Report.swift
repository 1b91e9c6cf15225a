/// All findings of a diagnosis.
package struct Report: Encodable, Sendable {
  /// The checks of the agent's own machine, or of one cluster.
  package struct Section: Encodable, Sendable {
    package enum Kind: String, Encodable, Sendable { case agent, cluster }

    package var kind: Kind
    /// The cluster's label in the configuration; `agent` for the agent's machine.
    package var name: String
    package var checks: [Finding]

    package init(_ kind: Kind, name: String, checks: [Finding]) {
      (self.kind, self.name, self.checks) = (kind, name, checks)
    }
  }

  package var sections: [Section]

  package init(sections: [Section]) { self.sections = sections }

  package var problems: Int { count(.problem) }
  package var warnings: Int { count(.warning) }

  private func count(_ severity: Severity) -> Int {
    sections.reduce(0) { $0 + $1.checks.count { $0.severity == severity } }
  }

  private enum CodingKeys: String, CodingKey { case ok, problems, warnings, sections }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(problems == 0, forKey: .ok)
    try container.encode(problems, forKey: .problems)
    try container.encode(warnings, forKey: .warnings)
    try container.encode(sections, forKey: .sections)
  }
}
