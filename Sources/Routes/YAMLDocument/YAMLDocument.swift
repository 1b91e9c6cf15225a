/// A YAML text, parsed: one document whose values know their places.
package struct YAMLDocument: Hashable, Sendable {
  /// An empty text is an empty mapping.
  package var root: YAMLNode

  /// Parses a text, or tells the place where it stops being YAML. Duplicate keys are no syntax error here:
  /// ``YAMLReader/reportFlaws(of:)`` tells every one of them.
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

/// How far aliases may blow a text up.
package struct YAMLLimits: Hashable, Sendable {
  /// Values that aliases and merges may add to those that are written.
  package var expandedValues = 200_000
  /// Mappings and lists inside each other.
  package var depth = 64

  package init() {}
}
