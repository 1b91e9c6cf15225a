/// The entity tags of a condition, or `*` (RFC 9110 §8.8.3, §13.1.1).
struct EntityTags {
  enum Comparison { case strongly, weakly }

  private enum Tags {
    case any
    /// Includes the quotes.
    case listed([(isWeak: Bool, tag: Substring)])
  }

  private let tags: Tags

  /// An invalid tag ends the list.
  init(_ field: String) {
    guard field.trimmed != "*" else {
      tags = .any
      return
    }
    var listed: [(isWeak: Bool, tag: Substring)] = []
    var rest = field[...].trimmed
    while let entry = Self.first(&rest) { listed.append(entry) }
    tags = .listed(listed)
  }

  /// - Parameter tag: a strong entity tag.
  func contains(_ tag: String, comparing comparison: Comparison) -> Bool {
    switch tags {
    case .any: true
    case .listed(let listed): listed.contains { $0.tag == tag && (comparison == .weakly || !$0.isWeak) }
    }
  }

  private static func first(_ rest: inout Substring) -> (isWeak: Bool, tag: Substring)? {
    rest = rest.drop { $0 == "," || $0 == " " || $0 == "\t" }
    let isWeak = rest.hasPrefix("W/")
    let start = isWeak ? rest.dropFirst(2) : rest
    guard start.first == "\"", let end = start.dropFirst().firstIndex(of: "\"") else { return nil }
    rest = start[start.index(after: end)...]
    return (isWeak, start[...end])
  }
}

extension StringProtocol {
  /// Without spaces and tabs at both ends (OWS of RFC 9110 §5.6.3).
  var trimmed: SubSequence {
    let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    guard let last = lastIndex(where: { !isBlank($0) }) else { return self[startIndex..<startIndex] }
    return self[...last].drop(while: isBlank)
  }
}
