import LinuxSystem

/// Reads values out of nodes and keeps every problem that it meets, so that all of them can be told at once.
///
/// A read that fails leaves its problem here and gives nil; the caller goes on with the next key.
package final class YAMLReader {
  private let substitution: Substitution
  /// What fills `${NAME}`.
  package var environment: [String: String] { substitution.environment }
  package let grammar: YAMLGrammar
  package private(set) var problems: [YAMLProblem] = []
  /// What can be used as it is, though not as it reads.
  package private(set) var warnings: [YAMLProblem] = []

  /// `environment` fills `${NAME}`.
  package init(environment: [String: String], grammar: YAMLGrammar = .exact) {
    substitution = Substitution(environment: environment)
    self.grammar = grammar
  }

  package func report(_ message: String, at position: YAMLPosition) {
    // Values are cut where they are read; this bounds what else is put into a message, such as names that are made of keys.
    let problem = YAMLProblem(at: position, message.excerpt(1000))
    // An anchor that is used often would tell its problem as often.
    if !problems.contains(problem) { problems.append(problem) }
  }

  package func warn(_ message: String, at position: YAMLPosition) {
    let problem = YAMLProblem(at: position, message)
    if !warnings.contains(problem) { warnings.append(problem) }
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

  /// The YAML in a text if the grammar allows that, else the node itself; nil if the text states nothing, or is no YAML,
  /// which is reported.
  private func mappingInside(_ node: YAMLNode, _ name: String) -> YAMLNode? {
    guard grammar == .lenient, case .scalar(let scalar) = node.content else { return node }
    if scalar.isZero {
      if !scalar.text.isEmpty { warn("\(name): \(scalar.text) states nothing: it takes a mapping", at: node.position) }
      return nil
    }
    return yaml(in: scalar, at: node.position, name)
  }

  /// The YAML in a text; its position is that of the text.
  func yaml(in scalar: YAMLScalar, at position: YAMLPosition, _ name: String) -> YAMLNode? {
    do {
      let inner = try YAMLDocument(scalar.text).root.moved(to: position)
      reportFlaws(of: inner)
      return inner
    } catch {
      report("\(name), line \(error.line) of its text: \(error.message)", at: position)
      return nil
    }
  }

  /// Why a key is not the name that it looks like; nil if it may be one.
  package static func mistake(inKey key: String) -> String? { KeyMistake.explanation(of: key) }

  private static func hint(for node: YAMLNode) -> String {
    guard case .scalar(let scalar) = node.content else { return "" }
    return KeyMistake.explanation(ofText: scalar.text).map { ": \($0)" } ?? ""
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

  /// A part of it, which messages show as the whole.
  func part(_ value: String) -> YAMLText {
    var part = self
    part.value = value
    return part
  }
}
