import Testing

@testable import Commands

@Suite struct KeyParserTests {
  @Test(arguments: [
    ("\u{1b}[A", [Key.up]), ("\u{1b}OB", [.down]), ("kj", [.up, .down]), ("\u{1b}[5~\u{1b}[6~", [.pageUp, .pageDown]),
    ("b f", [.pageUp, .pageDown, .pageDown]), ("\u{1b}[H\u{1b}[4~gG", [.home, .end, .home, .end]),
    ("\u{1a}", [.suspend]),
    ("x\u{1b}[1;5Cq", [.quit]), ("\u{1b}\u{1b}[A", [.up]), ("\u{1b}[999999999q", [.quit]), ("\u{1b}q", [.quit]),
  ])
  func knowsTheKeys(_ text: String, _ keys: [Key]) {
    var parser = KeyParser()
    #expect(parser.feed(text.utf8) == keys)
    var bytewise = KeyParser()
    #expect(text.utf8.flatMap { bytewise.feed([$0]) } == keys, "in pieces")
  }
}
