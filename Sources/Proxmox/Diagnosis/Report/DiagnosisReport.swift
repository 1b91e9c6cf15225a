package import JSONDocument

/// All that a diagnosis found.
package struct DiagnosisReport: Sendable {
  /// The checks of the agent's own machine, of one cluster, or of the routes.
  package struct Section: Sendable {
    package enum Kind: String, Sendable { case agent, cluster, routes }

    package var kind: Kind
    /// The cluster's label in the configuration; else the name of the kind.
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
}

extension DiagnosisReport: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.ok, problems == 0)
    json.field(CodingKeys.problems, problems)
    json.field(CodingKeys.sections, sections)
    json.field(CodingKeys.warnings, warnings)
    json.endObject()
  }
}

extension DiagnosisReport.Section: JSONWritable {
  private enum CodingKeys: String, CodingKey { case kind, name, checks }

  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.checks, checks)
    json.field(CodingKeys.kind, kind.rawValue)
    json.field(CodingKeys.name, name)
    json.endObject()
  }
}
