import Yams

/// A parsed YAML text: one document whose values have positions.
package struct YAMLDocument: Hashable, Sendable {
  /// An empty text is an empty mapping.
  package var root: YAMLNode

  /// Parses a text; throws the position of a syntax error. Duplicate keys are not syntax errors:
  /// ``YAMLReader/reportFlaws(of:)`` reports them all.
  ///
  /// - Parameter allowance: shared with the readers of the file; nil for one of its own.
  package init(_ text: String, allowance: YAMLAllowance? = nil) throws(YAMLProblem) {
    guard let composed = try ComposedText(text) else {
      root = YAMLNode(.mapping([]), at: .start)
      return
    }
    let builder = NodeBuilder(source: composed.source, allowance: allowance ?? YAMLAllowance(for: text))
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

/// A text composed into a Yams tree. Yams refuses duplicate keys and reports only the first.
///
/// Duplicates are therefore made distinct before a second attempt, so that the tree contains all of them with their
/// positions.
struct ComposedText {
  let root: Node
  let source: MarkedText

  /// Nil for a text without a document.
  init?(_ text: String) throws(YAMLProblem) {
    var source = MarkedText(text)
    while true {
      do {
        // The basic resolver keeps all scalars as text, so that `1` and `"1"` are one key, and runs no regular
        // expressions.
        let parser = try Parser(yaml: source.text, resolver: .basic, encoding: .utf8)
        guard let root = try parser.singleRoot() else { return nil }
        (self.root, self.source) = (root, source)
        return
      } catch YamlError.duplicatedKeysInMapping(_, let context) {
        if source.mark() { continue }
        let position = source.position(line: context.mark.line, column: context.mark.column)
        throw YAMLProblem(at: position, "this key occurs more than once in its mapping")
      } catch {
        throw YAMLProblem(error, in: source)
      }
    }
  }
}
