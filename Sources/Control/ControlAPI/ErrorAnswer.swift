/// The body of every error response.
package struct ErrorAnswer: Codable, Hashable, Sendable {
  package struct Failure: Codable, Hashable, Sendable {
    /// An identifier for programs: `route_not_found`.
    package var code: String
    package var message: String
    /// What to do about it.
    @ExplicitNull package var hint: String?

    package init(code: String, message: String, hint: String?) {
      (self.code, self.message) = (code, message)
      _hint = ExplicitNull(wrappedValue: hint)
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
