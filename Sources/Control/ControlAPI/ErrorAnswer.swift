package import JSONDocument

/// The answer to a request that failed.
package struct ErrorAnswer: Decodable, Hashable, Sendable {
  package struct Failure: Decodable, Hashable, Sendable {
    /// A word for programs: `route_not_found`.
    package var code: String
    package var message: String
    /// What to do about it.
    package var hint: String?

    package init(code: String, message: String, hint: String?) {
      (self.code, self.message) = (code, message)
      self.hint = hint
    }
  }

  package var error: Failure
  /// The problems of a refused reload, each as `file:line:column: message`; absent in other errors.
  package var problems: [String]?

  package init(code: String, message: String, hint: String? = nil, problems: [String]? = nil) {
    error = Failure(code: code, message: message, hint: hint)
    self.problems = problems
  }
}

extension ErrorAnswer.Failure: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.code, code)
    json.field(CodingKeys.hint, hint)
    json.field(CodingKeys.message, message)
    json.endObject()
  }
}

extension ErrorAnswer: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.error, error)
    if let problems { json.field(CodingKeys.problems, problems) }
    json.endObject()
  }
}
