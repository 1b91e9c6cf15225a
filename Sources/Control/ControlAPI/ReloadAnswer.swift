package import JSONDocument

/// `POST /v1/reload` that was taken.
package struct ReloadAnswer: Decodable, Hashable, Sendable {
  package var generation: UInt64
  /// `file:line:column: message`.
  package var warnings: [String]

  package init(generation: UInt64, warnings: [String]) { (self.generation, self.warnings) = (generation, warnings) }
}

extension ReloadAnswer: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.generation, generation)
    json.field(CodingKeys.warnings, warnings)
    json.endObject()
  }
}
