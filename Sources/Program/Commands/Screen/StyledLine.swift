/// A line of the terminal, in pieces of one colour each.
struct StyledLine: Hashable {
  private struct Piece: Hashable {
    var text: String
    var color: TextColor?
  }

  private var pieces: [Piece] = []
  /// In terminal columns.
  private(set) var width = 0

  mutating func add(_ text: String, _ color: TextColor? = nil) {
    let text = DisplayWidth.printable(text)
    width += DisplayWidth.of(text)
    if let last = pieces.last, last.color == color {
      pieces[pieces.count - 1].text += text
    } else {
      pieces.append(Piece(text: text, color: color))
    }
  }

  /// Adds a text that is truncated or padded to exactly the given number of columns.
  mutating func add(_ text: String, _ color: TextColor? = nil, width: Int, alignsRight: Bool = false) {
    let text = DisplayWidth.cut(DisplayWidth.printable(text), to: width)
    let blanks = String(repeating: " ", count: max(0, width - DisplayWidth.of(text)))
    if alignsRight { add(blanks) }
    add(text, color)
    if !alignsRight { add(blanks) }
  }

  /// At most `limit` columns of the line, without trailing blanks; `dimmed` replaces its colours.
  func rendered(width limit: Int, usesColor: Bool, dimmed: Bool = false) -> String {
    var (text, left) = ("", limit)
    for piece in trimmed where left > 0 {
      let shown = DisplayWidth.cut(piece.text, to: left)
      left -= DisplayWidth.of(shown)
      let color = dimmed ? .dim : piece.color
      text += usesColor && !shown.isEmpty ? color?.paint(shown) ?? shown : shown
    }
    return text
  }

  private var trimmed: [Piece] {
    var pieces = pieces
    while let last = pieces.last {
      guard let end = last.text.lastIndex(where: { $0 != " " }) else {
        pieces.removeLast()
        continue
      }
      pieces[pieces.count - 1].text = String(last.text[...end])
      break
    }
    return pieces
  }
}
