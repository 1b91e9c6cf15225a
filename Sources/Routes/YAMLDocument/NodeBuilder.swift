import Yams

/// Converts a Yams tree into ``YAMLNode`` values: with corrected positions, merged `<<` and bounded aliases.
///
/// Yams shares the nodes that aliases refer to, so an alias bomb costs nothing until its tree is walked, which happens
/// here.
struct NodeBuilder {
  let source: MarkedText
  let allowance: YAMLAllowance

  func build(_ node: Node, depth: Int) throws(YAMLProblem) -> YAMLNode {
    let position = position(of: node)
    try allowance.spend(1, at: position)
    let maxDepth = allowance.limits.depth
    if depth > maxDepth {
      throw YAMLProblem(at: position, "mappings or lists are nested more than \(maxDepth) deep")
    }
    switch node {
    case .scalar(let scalar):
      return YAMLNode(
        .scalar(YAMLScalar(text: source.strip(scalar.string), isPlain: scalar.style == .plain)), at: position)
    case .sequence(let sequence):
      var items: [YAMLNode] = []
      for item in sequence { items.append(try build(item, depth: depth + 1)) }
      return YAMLNode(.sequence(items), at: position)
    case .mapping(let mapping): return try build(mapping, at: position, depth: depth)
    case .alias: throw YAMLProblem(at: position, "this alias names no anchor before it")
    }
  }

  private func build(
    _ mapping: Node.Mapping, at position: YAMLPosition, depth: Int
  ) throws(YAMLProblem) -> YAMLNode {
    var entries: [YAMLEntry] = []
    var merges: [YAMLNode] = []
    var flaws: [YAMLProblem] = []
    for (key, value) in mapping {
      guard case .scalar(let scalar) = key else {
        flaws.append(YAMLProblem(at: self.position(of: key), "a key must be text, found a list or mapping"))
        continue
      }
      let name = source.strip(scalar.string)
      let value = try build(value, depth: depth + 1)
      if name == "<<", scalar.style == .plain { merges.append(value) }
      entries.append(YAMLEntry(key: name, position: self.position(of: key), value: value))
    }
    if !merges.isEmpty {
      let merged = try merge(merges, below: entries, flaws: &flaws)
      entries = entries.filter { $0.key != "<<" } + merged
      flaws += Self.repeatedMerges(in: mapping, builder: self)
    }
    return YAMLNode(.mapping(entries), at: position, flaws: flaws)
  }

  /// Returns the entries that merges add: written entries override merged ones, and earlier merges override later ones
  /// (<https://yaml.org/type/merge.html>).
  private func merge(
    _ merges: [YAMLNode], below written: [YAMLEntry], flaws: inout [YAMLProblem]
  ) throws(YAMLProblem) -> [YAMLEntry] {
    var taken = Set(written.map(\.key))
    var merged: [YAMLEntry] = []
    for source in merges.flatMap(Self.sources) {
      guard let entries = source.entries else {
        flaws.append(YAMLProblem(at: source.position, "'<<' merges mappings only, found \(source.kind)"))
        continue
      }
      try allowance.spend(entries.count, at: source.position)
      merged += entries.filter { taken.insert($0.key).inserted }
    }
    return merged
  }

  private static func sources(of merge: YAMLNode) -> [YAMLNode] {
    if case .sequence(let items) = merge.content { items } else { [merge] }
  }

  private static func repeatedMerges(in mapping: Node.Mapping, builder: NodeBuilder) -> [YAMLProblem] {
    let places = mapping.compactMap { key, _ in
      key.scalar.map { builder.source.strip($0.string) } == "<<" ? builder.position(of: key) : nil
    }
    guard let first = places.first else { return [] }
    return places.dropFirst().map {
      YAMLProblem(at: $0, "duplicate key '<<', first set on line \(first.line): write one '<<: [*a, *b]'")
    }
  }

  private func position(of node: Node) -> YAMLPosition {
    node.mark.map { source.position(line: $0.line, column: $0.column) } ?? .start
  }
}
