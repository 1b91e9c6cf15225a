/// A problem in a file with its position, printed as `file:line:column: message`.
package struct Problem: Hashable, Sendable, CustomStringConvertible {
  package enum Severity: String, Sendable { case error, warning }

  package var severity: Severity
  package var location: SourceLocation
  /// What was wanted, what was found, what to do. Never contains a secret.
  package var message: String

  package init(_ severity: Severity, at location: SourceLocation, _ message: String) {
    (self.severity, self.location, self.message) = (severity, location, message)
  }

  package var description: String {
    severity == .error ? "\(location): \(message)" : "\(location): warning: \(message)"
  }

  /// Sorts problems by file, in the order of first appearance, and by position within each file.
  package static func byPlace(_ problems: [Problem]) -> [Problem] {
    var files: [String: Int] = [:]
    for problem in problems where files[problem.location.file] == nil { files[problem.location.file] = files.count }
    func place(_ index: Int) -> (Int, Int, Int, Int) {
      let location = problems[index].location
      return (files[location.file] ?? 0, location.line, location.column, index)
    }
    return problems.indices.sorted { place($0) < place($1) }.map { problems[$0] }
  }
}

/// A position in a file written by a person; lines and columns count from 1.
package struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
  package var file: String
  package var line: Int
  package var column: Int

  package init(file: String, line: Int, column: Int) {
    (self.file, self.line, self.column) = (file, line, column)
  }

  package var description: String { "\(file):\(line):\(column)" }
}
