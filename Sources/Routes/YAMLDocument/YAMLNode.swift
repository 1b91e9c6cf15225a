/// A value of a YAML text with its position: aliases are expanded, `<<` is merged, scalars are still text.
package struct YAMLNode: Hashable, Sendable {
  package enum Content: Hashable, Sendable {
    case scalar(YAMLScalar)
    case sequence([YAMLNode])
    /// In file order, with merged keys last. A duplicate key appears twice.
    case mapping([YAMLEntry])
  }

  /// The written position; for an alias, that of its anchor.
  package var position: YAMLPosition
  package var content: Content
  /// The flaws of this node, without those below it: keys that are not text, `<<` of a wrong type.
  var flaws: [YAMLProblem] = []

  init(_ content: Content, at position: YAMLPosition, flaws: [YAMLProblem] = []) {
    (self.content, self.position, self.flaws) = (content, position, flaws)
  }

  /// The entries of a mapping; nil for other nodes.
  package var entries: [YAMLEntry]? {
    if case .mapping(let entries) = content { entries } else { nil }
  }

  /// Whether it is an empty or `null` plain scalar.
  package var isNull: Bool {
    if case .scalar(let scalar) = content { scalar.isNull } else { false }
  }

  /// Returns a copy with all positions set to one place.
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

  /// The kind of node, for messages.
  package var kind: String {
    switch content {
    case .scalar(let scalar): scalar.isNull ? "nothing" : "text"
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }
}

/// A scalar as written. Its type is up to the reader: YAML 1.1 would read `22:22` as 1342.
package struct YAMLScalar: Hashable, Sendable {
  package var text: String
  /// Without quotes and not a block, so that `~` and `null` are null.
  package var isPlain: Bool

  /// Whether GoDoxy's loader treats it as empty, whatever its type.
  var isZero: Bool { isNull || text.isEmpty || isPlain && ["false", "False", "FALSE", "0"].contains(text) }

  var isNull: Bool { isPlain && ["", "~", "null", "Null", "NULL"].contains(text) }
}

/// A key of a mapping and its value.
package struct YAMLEntry: Hashable, Sendable {
  package var key: String
  /// The position of the key.
  package var position: YAMLPosition
  package var value: YAMLNode
}
