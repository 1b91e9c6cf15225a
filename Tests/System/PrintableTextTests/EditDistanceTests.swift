import PrintableText
import Testing

@Suite struct EditDistanceTests {
  @Test(arguments: [
    ("", "", 0), ("plex", "plex", 0), ("", "plex", 4), ("plex", "", 4), ("plex", "plexx", 1), ("plex", "lex", 1),
    ("plex", "flex", 1), ("plex", "pelx", 1), ("plex", "xelp", 3), ("kitten", "sitting", 3),
  ])
  func countsEdits(left: String, right: String, expected: Int) {
    #expect(EditDistance.between(Array(left.utf8), Array(right.utf8)) == expected)
  }
}
