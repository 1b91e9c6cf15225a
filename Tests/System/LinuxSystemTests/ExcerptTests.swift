import LinuxSystem
import Testing

@Suite struct ExcerptTests {
  @Test func leavesShortTextsAlone() {
    #expect("".excerpt.isEmpty)
    #expect("nas".excerpt == "nas")
    let full = String(repeating: "ä", count: 200)
    #expect(full.excerpt == full)
  }

  /// Also if a single character has megabytes.
  @Test(arguments: ["a", "ä", "\u{301}"])
  func cutsLongOnesOff(text: String) {
    let excerpt = String(repeating: text, count: 1 << 20).excerpt
    #expect(excerpt.unicodeScalars.count == 201)
    #expect(excerpt.unicodeScalars.last == "…")
  }
}
