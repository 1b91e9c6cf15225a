import Testing

/// A hanging test must not block the whole run, but only fail itself.
@Suite struct TimeLimitTests {
  private static let samples: [(String, [String])] = [
    ("struct A {\n  @Test func waits() async throws {}", ["waits"]),
    ("@Suite struct A {\n  @Test(arguments: [1])\n  func waits(_ a: Int) async {}", ["waits"]),
    ("@Suite(.timeLimit(.minutes(5))) struct A {\n  @Test func waits() async {}", []),
    ("@Suite(.serialized, .timeLimit(.minutes(5)))\nstruct A {\n  @Test func waits() async {}", []),
    ("@Suite struct A {\n  @Test(.timeLimit(.minutes(5))) func waits() async {}\n  @Test func adds() {}", []),
    ("@Suite(.timeLimit(.minutes(5))) struct A {}\n@Suite struct B {\n  @Test func waits() async {}", ["waits"]),
  ]

  @Test func everyAsyncTestHasATimeLimit() throws {
    for file in try SourceTree.files(below: "Tests") {
      for test in Self.unlimitedTests(in: file.lines.joined(separator: "\n")) {
        Issue.record("\(file.path): \(test) is async: give its suite .timeLimit(.minutes(5)), or more if it needs more")
      }
    }
  }

  @Test(arguments: samples)
  func findsThem(_ text: String, _ unlimited: [String]) {
    #expect(Self.unlimitedTests(in: text) == unlimited)
  }

  /// The names of async tests without a time limit of their own or of their suite.
  private static func unlimitedTests(in text: String) -> [String] {
    let suites = text.split(separator: /(?m)^@Suite/, omittingEmptySubsequences: false)
    return suites.flatMap { suite -> [String] in
      // The traits precede the type's brace.
      guard !suite.prefix(while: { $0 != "{" }).contains(".timeLimit(") else { return [] }
      return suite.split(separator: /(?m)^ *@Test/).dropFirst().compactMap { test in
        guard let function = test.firstMatch(of: /func (\w+)[^{]*\)\s*async\b/),
          !test[..<function.range.lowerBound].contains(".timeLimit(")
        else { return nil }
        return String(function.output.1)
      }
    }
  }
}
