/// A value of a YAML text with its place: aliases are expanded, `<<` is merged, scalars are still text.
package struct YAMLNode: Hashable, Sendable {
  package enum Content: Hashable, Sendable {
    case scalar(YAMLScalar)
    case sequence([YAMLNode])
    /// In the order of the file, merged keys last. A key that stands twice is here twice.
    case mapping([YAMLEntry])
  }

  /// Where it is written: of an alias, where its anchor stands.
  package var position: YAMLPosition
  package var content: Content
  /// What is wrong with this node itself, not with those below it: keys that are no text, `<<` of something else.
  var flaws: [YAMLProblem] = []

  init(_ content: Content, at position: YAMLPosition, flaws: [YAMLProblem] = []) {
    (self.content, self.position, self.flaws) = (content, position, flaws)
  }

  /// The entries of a mapping; nil if it is none.
  package var entries: [YAMLEntry]? {
    if case .mapping(let entries) = content { entries } else { nil }
  }

  /// Whether it is an empty or `null` plain scalar.
  package var isNull: Bool {
    if case .scalar(let scalar) = content { scalar.isNull } else { false }
  }

  /// The same with everything in it at one place.
  func moved(to position: YAMLPosition) -> YAMLNode {
    let flaws = flaws.map { YAMLProblem(at: position, $0.message) }
    switch content {
    case .scalar: return YAMLNode(content, at: position, flaws: flaws)
    case .sequence(let items):
      return YAMLNode(.sequence(items.map { $0.moved(to: position) }), at: position, flaws: flaws)
    case .mapping(let entries):
      let moved = entries.map { YAMLEntry(key: $0.key, position: position, value: $0.value.moved(to: position)) }
      return YAMLNode(.mapping(moved), at: position, flaws: flaws)
    }
  }

  /// What it is, for messages.
  package var kind: String {
    switch content {
    case .scalar(let scalar): scalar.isNull ? "nothing" : "text"
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }
}

/// A scalar as its author wrote it. What type it has is the reader's to say: YAML 1.1 would take `22:22` for 1342.
package struct YAMLScalar: Hashable, Sendable {
  package var text: String
  /// Without quotes and not a block, so that `~` and `null` mean nothing.
  package var isPlain: Bool

  /// Whether GoDoxy's loader takes it for nothing, whatever type it should have.
  var isZero: Bool { isNull || text.isEmpty || isPlain && ["false", "False", "FALSE", "0"].contains(text) }

  var isNull: Bool { isPlain && ["", "~", "null", "Null", "NULL"].contains(text) }
}

/// A key of a mapping and its value.
package struct YAMLEntry: Hashable, Sendable {
  package var key: String
  /// Of the key.
  package var position: YAMLPosition
  package var value: YAMLNode
}
