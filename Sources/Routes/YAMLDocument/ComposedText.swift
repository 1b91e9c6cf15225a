import Yams

/// A text as a tree of Yams, which refuses duplicate keys and names the first one only.
///
/// Duplicates are therefore made different before another try, so that the tree holds all of them with their places.
struct ComposedText {
  let root: Node
  let source: MarkedText

  /// Nil for a text without a document.
  init?(_ text: String) throws(YAMLProblem) {
    var source = MarkedText(text)
    while true {
      do {
        // The basic resolver leaves all scalars text, so that `1` and `"1"` are one key, and runs no regular expressions.
        let parser = try Parser(yaml: source.text, resolver: .basic, encoding: .utf8)
        guard let root = try parser.singleRoot() else { return nil }
        (self.root, self.source) = (root, source)
        return
      } catch YamlError.duplicatedKeysInMapping(_, let context) {
        if source.mark() { continue }
        let position = source.position(line: context.mark.line, column: context.mark.column)
        throw YAMLProblem(at: position, "this key stands more than once in its mapping")
      } catch {
        throw YAMLProblem(error, in: source)
      }
    }
  }
}
