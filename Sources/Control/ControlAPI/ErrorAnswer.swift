/// Every answer that is not what was asked for.
package struct ErrorAnswer: Codable, Hashable, Sendable {
  package struct Failure: Codable, Hashable, Sendable {
    /// A word for programs: `route_not_found`.
    package var code: String
    package var message: String
    /// What to do.
    @ExplicitNull package var hint: String?

    package init(code: String, message: String, hint: String?) {
      (self.code, self.message) = (code, message)
      _hint = ExplicitNull(wrappedValue: hint)
    }
  }

  package var error: Failure
  /// Of a refused reload: `file:line:column: message`, one each. Absent elsewhere.
  package var problems: [String]?

  package init(code: String, message: String, hint: String? = nil, problems: [String]? = nil) {
    error = Failure(code: code, message: message, hint: hint)
    self.problems = problems
  }
}
