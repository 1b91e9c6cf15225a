package import JSONDocument

/// A successful `POST /v1/reload`.
package struct ReloadAnswer: Decodable, Hashable, Sendable {
  package var generation: UInt64
  /// `file:line:column: message`.
  package var warnings: [String]
  /// The keys of changed settings that only a restart applies, such as `state_dir`.
  package var restartNeeded: [String]

  package init(generation: UInt64, warnings: [String], restartNeeded: [String] = []) {
    (self.generation, self.warnings, self.restartNeeded) = (generation, warnings, restartNeeded)
  }

  private enum CodingKeys: String, CodingKey {
    case generation, warnings
    case restartNeeded = "restart_needed"
  }
}

extension ReloadAnswer: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.generation, generation)
    json.field(CodingKeys.restartNeeded, restartNeeded)
    json.field(CodingKeys.warnings, warnings)
    json.endObject()
  }
}
