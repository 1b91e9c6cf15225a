import Testing

@testable import HealthMonitoring

@Suite(.timeLimit(.minutes(5))) struct BytePatternTests {
  @Test(arguments: [
    ("", "", true), ("", "a", true), ("a", "", false), ("abc", "abc", true), ("abc", "xxabc", true),
    ("abc", "abcxx", true), ("abc", "ab", false), ("aab", "aaab", true), ("abab", "abaabab", true),
    ("aabaaa", "aabaabaaa", true), ("aaaa", "aaabaaabaaa", false),
  ])
  func findsBytes(_ pattern: String, _ text: String, _ occurs: Bool) {
    #expect(BytePattern(Array(pattern.utf8)).occurs(in: Array(text.utf8)) == occurs)
  }

  /// All texts of two letters: repetitions are what a search can miss.
  @Test func findsWhatAPlainSearchFinds() {
    let texts = (0...8).flatMap { length in
      (0..<1 << length).map { number in (0..<length).map { UInt8(number >> $0 & 1) } }
    }
    let wrong = texts.filter { $0.count <= 5 }.filter { pattern in
      let search = BytePattern(pattern)
      return texts.contains { text in
        let occurs = pattern.isEmpty || text.indices.contains { text[$0...].starts(with: pattern) }
        return search.occurs(in: text) != occurs
      }
    }
    #expect(wrong.isEmpty)
  }
}
