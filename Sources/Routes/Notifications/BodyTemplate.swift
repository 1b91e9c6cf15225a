import JSONDocument

/// A JSON body with `{{fact}}` in its strings. Facts are inserted after parsing, so none can break out of its string.
package struct BodyTemplate: Hashable, Sendable {
  /// Why a text is not a valid template; contains nothing but names of facts.
  package struct Invalid: Error, Sendable {
    package var reason: String
  }

  private let content: JSONContent

  package init(_ text: String) throws(Invalid) {
    guard let content = (try? JSONReader.value(of: Array(text.utf8))).map(JSONContent.init) else {
      throw Invalid(reason: "must be JSON, such as '{\"text\": \"{{title}}: {{message}}\"}'")
    }
    self.content = content
    try Self.check(content)
  }

  /// A string that is one placeholder alone takes the fact as it is: a number, or `null`.
  func body(for notice: Notice) -> [UInt8] { Self.fill(content, notice).json }

  private static func fill(_ content: JSONContent, _ notice: Notice) -> JSONContent {
    switch content {
    case .null, .bool, .number: return content
    case .array(let items): return .array(items.map { fill($0, notice) })
    case .object(let members): return .object(members.mapValues { fill($0, notice) })
    case .string(let text):
      let pieces = pieces(of: text)
      if pieces.count == 1, case .placeholder(let name) = pieces[0] {
        return Fact(rawValue: name)?.value(of: notice) ?? .null
      }
      return .string(
        pieces.map { piece in
          switch piece {
          case .text(let text): text
          case .placeholder(let name): Fact(rawValue: name)?.value(of: notice).inText ?? ""
          }
        }.joined())
    }
  }

  private static func check(_ content: JSONContent) throws(Invalid) {
    switch content {
    case .null, .bool, .number: return
    case .array(let items): for item in items { try check(item) }
    case .object(let members): for member in members.values { try check(member) }
    case .string(let text):
      for case .placeholder(let name) in pieces(of: text) where Fact(rawValue: name) == nil {
        let known = Fact.allCases.map(\.rawValue).joined(separator: ", ")
        throw Invalid(reason: "has no '{{\(name)}}' to put in; there are \(known)")
      }
    }
  }

  private enum Piece {
    case text(String)
    case placeholder(String)
  }

  private static func pieces(of text: String) -> [Piece] {
    var pieces: [Piece] = []
    var rest = text[...]
    while let start = rest.firstRange(of: "{{"), let end = rest[start.upperBound...].firstRange(of: "}}") {
      if start.lowerBound > rest.startIndex { pieces.append(.text(String(rest[..<start.lowerBound]))) }
      let name = rest[start.upperBound..<end.lowerBound]
      pieces.append(.placeholder(name.split(separator: " ").joined(separator: " ")))
      rest = rest[end.upperBound...]
    }
    if !rest.isEmpty { pieces.append(.text(String(rest))) }
    return pieces
  }
}
