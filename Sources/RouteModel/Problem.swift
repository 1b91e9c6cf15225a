/// Something wrong in a file, with its place: printed as `file:line:column: message`.
package struct Problem: Hashable, Sendable, CustomStringConvertible {
  package enum Severity: String, Sendable { case error, warning }

  package var severity: Severity
  package var location: SourceLocation
  /// What was wanted, what was found, what to do. Never a secret.
  package var message: String

  package init(_ severity: Severity, at location: SourceLocation, _ message: String) {
    (self.severity, self.location, self.message) = (severity, location, message)
  }

  package var description: String {
    severity == .error ? "\(location): \(message)" : "\(location): warning: \(message)"
  }
}
