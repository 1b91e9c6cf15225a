import Yams

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
