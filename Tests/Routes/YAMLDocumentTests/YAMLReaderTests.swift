import Testing

@testable import YAMLDocument

@Suite struct YAMLReaderTests {
  private enum Level: String, CaseIterable { case debug, info, warning }

  /// Reads a fixed set of keys and returns the problems.
  private func problems(_ text: String, environment: [String: String] = [:]) throws -> [String] {
    let reader = YAMLReader(environment: environment)
    _ = reader.mapping(try YAMLDocument(text).root, "the file") { file in
      _ = file.string("name")
      _ = file.bool("enabled")
      _ = file.int("retries", in: 1...10)
      _ = file.duration("interval", atLeast: .milliseconds(500))
      _ = file.choice("level", Level.self)
      _ = file.strings("endpoints")
      _ = file.list("items")
      file.mapping("inner") { _ = $0.string("no_tls_verify") }
    }
    return reader.problems.map(\.description)
  }

  @Test(
    arguments: [
      ("endpoint: x", "1:1: unknown key 'endpoint', did you mean 'endpoints'?"),
      ("inner: {noTLSVerify: yes}", "1:9: unknown key 'noTLSVerify', did you mean 'no_tls_verify'?"),
      ("inner: {colour: red}", "1:9: unknown key 'colour'; known are no_tls_verify"),
      ("inner: [1]", "1:8: inner must be a mapping, found a list"),
      ("inner: x", "1:8: inner must be a mapping, found text"),
      ("items: {a: 1}", "1:8: items must be a list, found a mapping"),
      ("endpoints: {a: 1}", "1:12: endpoints must be a list, found a mapping"),
      ("endpoints: [a, [b]]", "1:16: an entry of endpoints must be text, found a list"),
      ("name: [a]", "1:7: name must be text, found a list"),
      ("enabled: maybe", "1:10: enabled must be true or false, found 'maybe'"),
      ("retries: 11", "1:10: retries must be a whole number from 1 to 10, found '11'"),
      ("retries: 1.5", "1:10: retries must be a whole number from 1 to 10, found '1.5'"),
      ("interval: 10", "1:11: interval must be a duration such as 300ms, 10s, 5m or 1h, found '10'"),
      ("interval: -1s", "1:11: interval must be a duration such as 300ms, 10s, 5m or 1h, found '-1s'"),
      ("interval: 100ms", "1:11: interval must be at least 500ms, found '100ms'"),
      ("level: inof", "1:8: level must be one of debug, info, warning, found 'inof', did you mean 'info'?"),
      ("name: ${NOPE}", "1:7: name: environment variable NOPE is not set"),
      ("name: ${NOPE", "1:7: name: '${' has no '}': write ${NAME}"),
      ("name: ${a-b}", "1:7: name: '${a-b}' names no variable: write ${NAME} or ${NAME:-default}"),
      ("retries: ${N}", "1:10: retries must be a whole number from 1 to 10, found '${N}'"),
      ("- a", "1:1: the file must be a mapping, found a list"),
    ])
  func reportsWhatIsWrong(_ text: String, _ expected: String) throws {
    #expect(try problems(text, environment: ["N": "not for the eye"]) == [expected])
  }

  /// A key or a value may have megabytes.
  @Test(arguments: ["enabled: #", "level: '#'", "name: ${#-}", "? #\n: 1", "inner: {? # : 1}"])
  func repeatsNoMoreThanAnExcerpt(_ text: String) throws {
    let long = String(repeating: "x", count: 100_000)
    let told = try problems(text.replacing("#", with: long))
    #expect(!told.isEmpty)
    for problem in told { #expect(problem.count < 500 && problem.contains("xxx…"), "\(problem.prefix(500))") }
  }

  /// In a world-readable file, a long secret is as bad as a short one.
  @Test func knowsALongLiteralForOne() throws {
    let long = String(repeating: "x", count: 1000)
    let reader = YAMLReader(environment: ["LONG": long])
    let texts = try ["a: \(long)", "a: ${LONG}"].map { text in
      reader.mapping(try YAMLDocument(text).root, "the file") { $0.text("a") } ?? nil
    }
    #expect(texts.map { $0?.value } == [long, long])
    #expect(texts.map { $0?.isLiteral } == [true, false])
  }

  /// It is parsed again for each use.
  @Test(arguments: [(100, false), (10_000, true)])
  func aLongTextOfFewValuesCountsForMore(bytes: Int, isTooMuch: Bool) throws {
    var limits = YAMLLimits()
    limits.expandedValues = 1000
    let long = String(repeating: "x", count: bytes)
    let text = "a: &a 'b: {}  #\(long)'\nc: [\(String(repeating: "*a, ", count: 100))]"
    let allowance = YAMLAllowance(for: text, limits: limits)
    let root = try YAMLDocument(text, allowance: allowance).root
    let reader = YAMLReader(environment: [:], grammar: .lenient, allowance: allowance)
    let found = reader.mapping(root, "the file") { file in
      file.accept(["a"])
      return file.list("c")?.compactMap { node in reader.mapping(node, "an entry of c") { $0.states("b") } }
    }
    let expected = "1:4: an entry of c, line 1 of its text: aliases expand to more than 1000 values"
    #expect(reader.problems.map(\.description) == (isTooMuch ? [expected] : []))
    #expect((found??.count == 100) != isTooMuch)
  }

  @Test func reportsAllProblemsAtOnce() throws {
    #expect(
      try problems("name: [a]\nenabled: 3\nretries: x\nfoo: 1\nbar: 2\n").map { String($0.prefix { $0 != " " }) }
        == ["1:7:", "2:10:", "3:10:", "4:1:", "5:1:"])
  }

  /// A list that compares each problem with all others takes minutes for this.
  @Test func reportsAThousandProblemsAndThatThereAreMore() throws {
    let keys = (1...5000).map { "unknown\($0): x\nname: x\n" }.joined()
    let found = try problems(keys)
    #expect(found.count == 1001)
    #expect(found.last?.hasSuffix("there are more: correct those above first") == true)
  }

  @Test func nullsAreAbsent() throws {
    #expect(try problems("name:\nenabled: ~\nretries: null\ninterval:\nlevel:\nendpoints:\nitems:\ninner:\n").isEmpty)
  }

  @Test(
    arguments: [
      ("yes", true), ("on", true), ("True", true), ("TRUE", true), ("no", false), ("off", false), ("false", false),
    ])
  func readsBooleans(_ text: String, _ expected: Bool) throws {
    let reader = YAMLReader(environment: [:])
    #expect(reader.mapping(try YAMLDocument("a: \(text)").root, "file") { $0.bool("a") } == expected)
  }

  @Test(
    arguments: [
      ("plain", "plain"), ("${A}", "1"), ("x${A}y${A}", "x1y1"), ("${B:-two}", "two"), ("${EMPTY:-e}", "e"),
      ("${EMPTY}", ""), ("${B:-}", ""), ("$A $5 $", "$A $5 $"), ("$${A}", "${A}"), ("${Q}", "a: [b"),
    ])
  func putsVariablesIntoValues(_ text: String, _ expected: String) throws {
    let environment = ["A": "1", "EMPTY": "", "Q": "a: [b"]
    #expect(try Substitution(environment: environment).apply(to: text) == expected)
  }

  @Test(
    arguments: [
      ("300ms", .milliseconds(300)), ("10s", .seconds(10)), ("5m", .seconds(300)), ("1h", .seconds(3600)),
      ("1h30m", .seconds(5400)), ("1.5s", .milliseconds(1500)), ("2d", .seconds(172_800)), ("0", .zero),
    ] as [(String, Duration)])
  func readsDurations(_ text: String, _ expected: Duration) {
    #expect(DurationText.parse(text) == expected)
  }

  @Test(arguments: ["", "10", "s", "1x", "1 s", "-1s", "1.2.3s", "1e9h", "99999999999h", "١s"])
  func refusesOtherDurations(_ text: String) {
    #expect(DurationText.parse(text) == nil)
  }

  @Test(arguments: ["300ms", "10s", "5m", "1h", "90s", "1500ms"])
  func writesDurationsAsTheyAreRead(_ text: String) throws {
    #expect(DurationText.format(try #require(DurationText.parse(text))) == text)
  }
}
