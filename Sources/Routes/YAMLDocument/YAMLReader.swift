import LinuxSystem

/// Reads values from nodes and collects all problems, so that they can be reported together.
///
/// A failed read records its problem and returns nil; the caller continues with the next key.
package final class YAMLReader {
  private let substitution: Substitution
  /// The variables that replace `${NAME}`.
  package var environment: [String: String] { substitution.environment }
  package let grammar: YAMLGrammar
  /// What the YAML in texts may still expand to.
  package let allowance: YAMLAllowance
  package var problems: [YAMLProblem] { errors.problems }
  /// Problems that do not prevent the use of a value.
  package var warnings: [YAMLProblem] { hints.problems }
  private var errors = YAMLProblemList()
  private var hints = YAMLProblemList()

  /// `environment` replaces `${NAME}`; `allowance` is that of the file.
  package init(
    environment: [String: String], grammar: YAMLGrammar = .exact, allowance: YAMLAllowance = YAMLAllowance()
  ) {
    substitution = Substitution(environment: environment)
    (self.grammar, self.allowance) = (grammar, allowance)
  }

  package func report(_ message: @autoclosure () -> String, at position: YAMLPosition) {
    guard !errors.isFull else { return }
    // Values are shortened where they are read; this bounds the rest of a message, such as names built from keys.
    errors.append(YAMLProblem(at: position, message().excerpt(1000)))
  }

  package func warn(_ message: String, at position: YAMLPosition) {
    hints.append(YAMLProblem(at: position, message))
  }

  /// Reports all duplicate keys, invalid keys and invalid merges of a node and its descendants.
  package func reportFlaws(of node: YAMLNode) {
    reportOwnFlaws(of: node)
    switch node.content {
    case .scalar: break
    case .sequence(let items): for item in items { reportFlaws(of: item) }
    case .mapping(let entries): for entry in entries { reportFlaws(of: entry.value) }
    }
  }

  /// Reports the flaws of the node itself only.
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

  /// Reads a mapping; keys that `read` does not request are problems. Nil if it is not a mapping.
  ///
  /// `name` is used in messages.
  package func mapping<Value>(_ node: YAMLNode, _ name: String, read: (YAMLMapping) -> Value) -> Value? {
    guard let node = mappingInside(node, name) else { return nil }
    guard let entries = node.entries else {
      report("\(name) must be a mapping, found \(node.kind)\(Self.hint(for: node))", at: node.position)
      return nil
    }
    let mapping = YAMLMapping(entries, at: node.position, reader: self)
    let value = read(mapping)
    mapping.reportUnknownKeys()
    return value
  }

  /// The YAML in a text if the grammar allows it, else the node itself; nil if the text is empty or, which is reported,
  /// not YAML.
  private func mappingInside(_ node: YAMLNode, _ name: String) -> YAMLNode? {
    guard grammar == .lenient, case .scalar(let scalar) = node.content else { return node }
    if scalar.isZero {
      if !scalar.text.isEmpty { warn("\(name): \(scalar.text) states nothing: it takes a mapping", at: node.position) }
      return nil
    }
    return yaml(in: scalar, at: node.position, name)
  }

  /// Parses the YAML in a text; all positions are that of the text.
  func yaml(in scalar: YAMLScalar, at position: YAMLPosition, _ name: String) -> YAMLNode? {
    do {
      try allowance.spend(parsing: scalar.text)
      let inner = try YAMLDocument(scalar.text, allowance: allowance).root.moved(to: position)
      reportFlaws(of: inner)
      return inner
    } catch {
      report("\(name), line \(error.line) of its text: \(error.message)", at: position)
      return nil
    }
  }

  /// Explains why a key is not the name that it looks like; nil if it may be one.
  package static func mistake(inKey key: String) -> String? { KeyMistake.explanation(of: key) }

  private static func hint(for node: YAMLNode) -> String {
    guard case .scalar(let scalar) = node.content else { return "" }
    return KeyMistake.explanation(ofText: scalar.text).map { ": \($0)" } ?? ""
  }

  /// The text of a scalar after substitution.
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

/// The text of a scalar with its position.
package struct YAMLText: Hashable, Sendable {
  /// The value after substitution.
  package var value: String
  /// The text for messages: as written, so that no variable's value leaks, and shortened if it is long.
  package var written: String
  /// Whether the value is exactly as written, without variables.
  package var isLiteral: Bool
  package var position: YAMLPosition

  init(value: String, source: String, position: YAMLPosition) {
    (self.value, written, isLiteral, self.position) = (value, source.excerpt, value == source, position)
  }

  /// A part of the text, which messages still show as a whole.
  func part(_ value: String) -> YAMLText {
    var part = self
    part.value = value
    return part
  }
}
