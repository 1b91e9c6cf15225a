import LinuxSystem

/// Reads values out of nodes and keeps every problem that it meets, so that all of them can be told at once.
///
/// A read that fails leaves its problem here and gives nil; the caller goes on with the next key.
package final class YAMLReader {
  private let substitution: Substitution
  /// What fills `${NAME}`.
  package var environment: [String: String] { substitution.environment }
  package private(set) var problems: [YAMLProblem] = []

  /// `environment` fills `${NAME}`.
  package init(environment: [String: String]) { substitution = Substitution(environment: environment) }

  package func report(_ message: String, at position: YAMLPosition) {
    // Values are cut where they are read; this bounds what else is put into a message, such as names that are made of keys.
    let problem = YAMLProblem(at: position, message.excerpt(1000))
    // An anchor that is used often would tell its problem as often.
    if !problems.contains(problem) { problems.append(problem) }
  }

  /// Tells every duplicate key, wrong key and wrong merge of a node and all below it.
  package func reportFlaws(of node: YAMLNode) {
    reportOwnFlaws(of: node)
    switch node.content {
    case .scalar: break
    case .sequence(let items): for item in items { reportFlaws(of: item) }
    case .mapping(let entries): for entry in entries { reportFlaws(of: entry.value) }
    }
  }

  /// Tells the flaws of the node itself only.
  package func reportOwnFlaws(of node: YAMLNode, duplicates: Bool = true) {
    for flaw in node.flaws { report(flaw.message, at: flaw.position) }
    guard duplicates, let entries = node.entries else { return }
    var lines: [String: Int] = [:]
    for entry in entries {
      if let line = lines[entry.key] {
        report("duplicate key '\(entry.key.excerpt)', first set on line \(line)", at: entry.position)
      } else {
        lines[entry.key] = entry.position.line
      }
    }
  }

  /// Reads a mapping; the keys that `read` did not ask for are problems. Nil if it is no mapping.
  ///
  /// `name` is what messages call it.
  package func mapping<Value>(_ node: YAMLNode, _ name: String, read: (YAMLMapping) -> Value) -> Value? {
    guard let entries = node.entries else {
      report("\(name) must be a mapping, found \(node.kind)", at: node.position)
      return nil
    }
    let mapping = YAMLMapping(entries, at: node.position, reader: self)
    let value = read(mapping)
    mapping.reportUnknownKeys()
    return value
  }

  /// The text of a scalar, with its variables put in.
  package func text(_ node: YAMLNode, _ name: String) -> YAMLText? {
    guard case .scalar(let scalar) = node.content else {
      report("\(name) must be text, found \(node.kind)", at: node.position)
      return nil
    }
    do {
      let value = try substitution.apply(to: scalar.text)
      return YAMLText(value: value, source: scalar.text, position: node.position)
    } catch {
      report("\(name): \(error)", at: node.position)
      return nil
    }
  }
}

/// The text of a scalar with its place.
package struct YAMLText: Hashable, Sendable {
  /// With the variables put in.
  package var value: String
  /// What messages may show: as written, so that no variable's value leaks, and not all of it if that is much.
  package var written: String
  /// It stands in the file as it is: no variable was put in.
  package var isLiteral: Bool
  package var position: YAMLPosition

  init(value: String, source: String, position: YAMLPosition) {
    (self.value, written, isLiteral, self.position) = (value, source.excerpt, value == source, position)
  }
}
