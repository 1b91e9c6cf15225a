/// How a table may look where it goes.
package struct TableStyle: Hashable, Sendable {
  /// In terminal columns; nil is no limit.
  package var width: Int?
  package var usesColor: Bool

  package init(width: Int? = nil, usesColor: Bool = false) {
    self.width = width
    self.usesColor = usesColor
  }

  /// No limit, no colour: for files and pipes.
  package static let plain = TableStyle()
}
