/// The lines of a live view: a head that stays, and a body that scrolls.
struct LivePage: Hashable, Sendable {
  var head: [String]
  var body: [String]
  /// In terminal columns.
  var width: Int
  var usesColor: Bool

  /// The number of lines of the body that a screen of this height shows.
  func room(height: Int) -> Int {
    let rest = max(0, height - head.count)
    return body.count <= rest ? rest : max(0, rest - 1)
  }

  /// At most `height` lines, the body from its line `top` on, and a line that says so if it is not shown as a whole.
  func lines(height: Int, from top: Int = 0) -> [String] {
    let shown = body.dropFirst(top).prefix(room(height: height))
    if shown.count == body.count { return Array((head + shown).prefix(height)) }
    let range = shown.isEmpty ? "0" : "\(top + 1)-\(top + shown.count)"
    let foot = DisplayWidth.cut("lines \(range) of \(body.count); arrow and page keys scroll, q quits", to: width)
    return Array((head + shown + [usesColor ? TextColor.dim.paint(foot) : foot]).prefix(height))
  }
}

/// Which line of a body is the first on the screen.
struct ScrollPosition: Hashable, Sendable {
  private(set) var top = 0

  /// Moves by a key; the screen shows `room` of the `lines`.
  mutating func move(_ key: Key, lines: Int, room: Int) {
    switch key {
    case .up: top -= 1
    case .down: top += 1
    case .pageUp: top -= max(1, room - 1)
    case .pageDown: top += max(1, room - 1)
    case .home: top = 0
    case .end: top = lines
    case .quit, .suspend: break
    }
    keepWithin(lines: lines, room: room)
  }

  /// The list became shorter, or the screen higher.
  mutating func keepWithin(lines: Int, room: Int) { top = min(max(0, top), max(0, lines - room)) }
}
