/// The number of values that may still follow in a file, including those of the YAML in its texts.
///
/// A reference, because all readers of a file share it.
package final class YAMLAllowance {
  /// The bytes that cost as much to parse as one value, about.
  private static let bytesPerValue = 32

  let limits: YAMLLimits
  private var left: Int

  /// - Parameter text: of the file. A written value takes at least one byte, so any excess is expansion.
  package init(for text: String = "", limits: YAMLLimits = YAMLLimits()) {
    self.limits = limits
    left = text.utf8.count + limits.expandedValues
  }

  func spend(_ values: Int, at position: YAMLPosition) throws(YAMLProblem) {
    left -= values
    if left < 0 { throw YAMLProblem(at: position, "aliases expand to more than \(limits.expandedValues) values") }
  }

  /// Spends what it takes to parse the YAML in a text, which is parsed again for each alias.
  func spend(parsing text: String) throws(YAMLProblem) {
    try spend(text.utf8.count / Self.bytesPerValue, at: .start)
  }
}
