/// A position in a YAML text; lines and columns count from 1, columns in Unicode scalars.
package struct YAMLPosition: Hashable, Comparable, Sendable, CustomStringConvertible {
  package var line: Int
  package var column: Int

  package init(line: Int, column: Int) { (self.line, self.column) = (line, column) }

  package static let start = YAMLPosition(line: 1, column: 1)

  package var description: String { "\(line):\(column)" }

  package static func < (left: Self, right: Self) -> Bool { (left.line, left.column) < (right.line, right.column) }
}

/// A problem in a YAML text. The caller decides what it means for the program.
package struct YAMLProblem: Error, Hashable, Sendable, CustomStringConvertible {
  package var position: YAMLPosition
  /// One line: what was wanted, what was found, what to do.
  package var message: String

  package init(at position: YAMLPosition, _ message: String) { (self.position, self.message) = (position, message) }

  package var line: Int { position.line }
  package var column: Int { position.column }
  package var description: String { "\(position): \(message)" }
}
