/// How a table is formatted for its destination.
package struct TableStyle: Hashable, Sendable {
  /// In terminal columns; nil means no limit.
  package var width: Int?
  package var usesColor: Bool

  package init(width: Int? = nil, usesColor: Bool = false) {
    self.width = width
    self.usesColor = usesColor
  }

  /// No limit and no colour, for files and pipes.
  package static let plain = TableStyle()
}
