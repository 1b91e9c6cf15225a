import Testing

@testable import LinuxSystem

@Suite(.timeLimit(.minutes(5))) struct ByteSearchTests {
  @Test(
    arguments: [
      ("", "", 0), ("", "a", 0), ("a", "", nil), ("abc", "abc", 0), ("abc", "xxabc", 2), ("abc", "abcabc", 0),
      ("abc", "ab", nil), ("aab", "aaab", 1), ("abab", "abaabab", 3), ("aaaa", "aaabaaabaaa", nil),
    ] as [(String, String, Int?)])
  func findsBytes(_ pattern: String, _ text: String, _ index: Int?) {
    #expect(Array(text.utf8).firstIndex(of: Array(pattern.utf8)) == index)
  }

  /// A search that compares the pattern at each place takes minutes for this.
  @Test func takesLinearTimeWhateverTheBytesAre() {
    let half = [UInt8](repeating: 0, count: 100_000)
    #expect([UInt8](repeating: 0, count: 16 * 1024 * 1024).firstIndex(of: half + [1] + half) == nil)
  }

  /// All texts of two letters: repetitions are what a search can miss.
  @Test func findsWhatAPlainSearchFinds() {
    let texts = (0...8).flatMap { length in
      (0..<1 << length).map { number in (0..<length).map { UInt8(number >> $0 & 1) } }
    }
    let wrong = texts.filter { $0.count <= 5 }.filter { pattern in
      texts.contains { text in
        (0...text.count).contains { start in
          let index = (start...text.count).first { text[$0...].starts(with: pattern) }
          return text.firstIndex(of: pattern, from: start) != index
        }
      }
    }
    #expect(wrong.isEmpty)
  }
}
