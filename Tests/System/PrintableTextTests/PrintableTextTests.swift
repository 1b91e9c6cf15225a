import PrintableText
import Testing

@Suite struct PrintableTextTests {
  @Test(arguments: [
    ("plex", "plex"), ("a b", "a b"), ("größe 東京 👩‍👧 e\u{301}", "größe 東京 👩‍👧 e\u{301}"), ("", ""),
    ("a\u{1B}[31mb", "a [31mb"), ("a\u{9B}31mb", "a 31mb"), ("a\u{7F}b\u{0}", "a b "), ("a\r\nb\tc", "a  b c"),
    ("a\u{202E}b\u{2066}c\u{200F}", "a b c "), ("a\u{2028}b\u{2029}c\u{85}", "a b c "), ("a\u{FEFF}b\u{E0041}", "a b "),
  ])
  func leavesWhatMayBeShown(_ text: String, _ shown: String) {
    #expect(PrintableText.line(text) == shown)
    #expect(!PrintableText.line(text).unicodeScalars.contains(where: PrintableText.isUnsafe))
  }

  @Test func keepsTheLinesOfWhatHasSeveral() {
    #expect(PrintableText.lines("a\u{1B}\nb\r\nc") == "a \nb \nc")
  }
}
