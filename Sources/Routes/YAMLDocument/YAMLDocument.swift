/// A parsed YAML text: one document whose values have positions.
package struct YAMLDocument: Hashable, Sendable {
  /// An empty text is an empty mapping.
  package var root: YAMLNode

  /// Parses a text; throws the position of a syntax error. Duplicate keys are not syntax errors:
  /// ``YAMLReader/reportFlaws(of:)`` reports them all.
  package init(_ text: String, limits: YAMLLimits = YAMLLimits()) throws(YAMLProblem) {
    guard let composed = try ComposedText(text) else {
      root = YAMLNode(.mapping([]), at: .start)
      return
    }
    var builder = NodeBuilder(source: composed.source, limits: limits, written: text.utf8.count)
    let node = try builder.build(composed.root, depth: 0)
    root = node.isNull ? YAMLNode(.mapping([]), at: node.position) : node
  }
}

/// Limits on nesting and on expansion by aliases.
package struct YAMLLimits: Hashable, Sendable {
  /// The number of values that aliases and merges may add to the written ones.
  package var expandedValues = 200_000
  /// The nesting depth of mappings and lists.
  package var depth = 64

  package init() {}
}
