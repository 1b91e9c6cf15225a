import Testing

@testable import YAMLDocument

@Suite struct YAMLDocumentTests {
  /// A document as compact text, so that a whole tree fits into an expectation.
  private func outline(_ node: YAMLNode) -> String {
    switch node.content {
    case .scalar(let scalar): scalar.text
    case .sequence(let items): "[\(items.map(outline).joined(separator: " "))]"
    case .mapping(let entries): "{\(entries.map { "\($0.key)=\(outline($0.value))" }.joined(separator: " "))}"
    }
  }

  private func flaws(_ text: String) throws -> [String] {
    let reader = YAMLReader(environment: [:])
    reader.reportFlaws(of: try YAMLDocument(text).root)
    return reader.problems.map(\.description)
  }

  private func error(of text: String, limits: YAMLLimits = YAMLLimits()) -> String? {
    do {
      _ = try YAMLDocument(text, allowance: YAMLAllowance(for: text, limits: limits))
      return nil
    } catch { return "\(error)" }
  }

  @Test(arguments: ["", "\n\n", "# nothing\n", "---\n", "~\n", "{}"])
  func takesNothingForAnEmptyMapping(_ text: String) throws {
    #expect(try YAMLDocument(text).root.entries == [])
  }

  @Test func leavesScalarsAsTheyAreWritten() throws {
    let root = try YAMLDocument("a: 22:22\nb: 0660\nc: yes\nd: '~'\ne: ~\nf: 1.50\n").root
    #expect(outline(root) == "{a=22:22 b=0660 c=yes d=~ e=~ f=1.50}")
    #expect(root.entries?.map(\.value.isNull) == [false, false, false, false, true, false])
  }

  @Test func knowsWhereKeysAndValuesStand() throws {
    let root = try YAMLDocument("# ä\nä: {k: [1,\n  zwei]}\n").root
    let entry = try #require(root.entries?.first)
    let inner = try #require(entry.value.entries?.first)
    guard case .sequence(let items) = inner.value.content else { throw YAMLProblem(at: .start, "no list") }
    #expect(
      [entry.position, entry.value.position, inner.position, items[0].position, items[1].position].map(\.description)
        == ["2:1", "2:4", "2:5", "2:9", "3:3"])
  }

  @Test(
    arguments: [
      ("d: &d {a: 1, b: 2}\nr:\n  <<: *d\n  b: 3", "{b=3 a=1}"),
      ("d: &d {a: 1}\ne: &e {a: 2, c: 4}\nr:\n  <<: [*d, *e]\n  b: 3", "{b=3 a=1 c=4}"),
      ("d: &d {a: 1}\ne: &e {<<: *d, c: 4}\nr: {<<: *e}", "{c=4 a=1}"),
      ("d: &d [1, 2]\nr: *d", "[1 2]"),
      ("d: &d {a: {x: 1}}\nr: {<<: *d, a: {y: 2}}", "{a={y=2}}"),
    ])
  func expandsAliasesAndMerges(_ text: String, _ expected: String) throws {
    let root = try YAMLDocument(text).root
    #expect(outline(try #require(root.entries?.last).value) == expected)
    #expect(try flaws(text).isEmpty)
  }

  @Test(
    arguments: [
      ("a: 1\nb: 2\na: 3\n", ["3:1: duplicate key 'a', first set on line 1"]),
      (
        "a: 1\nb:\n  c: 1\n  c: 2\n  c: 3\na: 2\n",
        [
          "6:1: duplicate key 'a', first set on line 1", "4:3: duplicate key 'c', first set on line 3",
          "5:3: duplicate key 'c', first set on line 3",
        ]
      ),
      (
        "{a: 1, a: {b: 1, b: 2}}",
        ["1:8: duplicate key 'a', first set on line 1", "1:18: duplicate key 'b', first set on line 1"]
      ),
      ("'a': 1\n\"a\": 2\n", ["2:1: duplicate key 'a', first set on line 1"]),
      ("1: x\n\"1\": y\n", ["2:1: duplicate key '1', first set on line 1"]),
      ("a b : 1\nc: 'a b: x'\na b: 2\n", ["3:1: duplicate key 'a b', first set on line 1"]),
      ("- {a: 1}\n- a: 1\n  a: 2\n", ["3:3: duplicate key 'a', first set on line 2"]),
      ("[a: 1, {\"a\":1,\"a\":2}]", ["1:15: duplicate key 'a', first set on line 1"]),
      (
        "d: &d {a: 1}\nr:\n  <<: *d\n  <<: *d\n",
        ["4:3: duplicate key '<<', first set on line 3: write one '<<: [*a, *b]'"]
      ),
      (
        "ä: {ö: 1, ö: 2}\nä: 3\n",
        ["2:1: duplicate key 'ä', first set on line 1", "1:11: duplicate key 'ö', first set on line 1"]
      ),
    ])
  func reportsEveryDuplicateKey(_ text: String, _ expected: [String]) throws {
    #expect(try flaws(text) == expected)
  }

  /// Texts with a duplicate, and with something that must not be mistaken for a key.
  @Test(
    arguments: [
      "a: 1\na: &x 2\nb: *x\n", "a: &k b\na: 2\n*k : 3\n", "a: 1\na: 2\n\"b\\\": c\": 3\n", "a: 1\na: 2\n? b\n: 3\n",
      "a: 1\na: 2\nb: {? c : 3}\n", "a: 1\na: 2\n'it''s': 3\n'': 4\n",
      "a: 1\na: 2\nb: !t c\n",
      "a: 1\na: 2\nb: http://x:80/\n# note: x\n", "a: 1\na: 2\nb: >\n  c: d\n  e: f\n", "a: 1\r\na: 2\r\nb: 3\r\n",
    ])
  func findsADuplicateBesideAnything(_ text: String) throws {
    #expect(try flaws(text).filter { !$0.contains("first set on line 1") } == [])
    #expect(try flaws(text).count >= 1)
  }

  @Test func reportsTheFirstPlaceWhereTheSecondIsOutOfReach() {
    #expect(error(of: "? a\n: 1\n? a\n: 2\n") == "1:3: this key occurs more than once in its mapping")
  }

  @Test func duplicatesInManyMappingsCostNoMore() throws {
    let text = (0..<2000).map { "r\($0):\n  k\($0): 1\n  k\($0): 2\n" }.joined()
    #expect(try flaws(text).count == 1001, "a thousand, and that there are more")
  }

  @Test func duplicatesLeaveTheValuesAsTheyAre() throws {
    let root = try YAMLDocument("host: a\nnote: 'host: a'\nblock: |\n  host: a\nhost: b\n").root
    #expect(outline(root) == "{host=a note=host: a block=host: a\n host=b}")
  }

  @Test(
    arguments: [
      ("? [a, b]\n: 1\nc: 2\n", "1:3: a key must be text, found a list or mapping"),
      ("a: &a 1\nb: {<<: *a}\n", "1:4: '<<' merges mappings only, found text"),
      ("b:\n  <<: [{x: 1}, [y]]\n", "2:16: '<<' merges mappings only, found a list"),
    ])
  func reportsWrongKeysAndMerges(_ text: String, _ expected: String) throws {
    #expect(try flaws(text) == [expected])
  }

  @Test(
    arguments: [
      ("a: 1\n\tb: 2\n", "2:1: a tab cannot indent YAML: use spaces"),
      ("a:\n\tb: 2\n", "2:1: a tab cannot indent YAML: use spaces"),
      ("a: @b\n", "1:4: a value cannot start with '@': put it in quotes"),
      (
        "a: b: c\n",
        "1:5: a ':' is not allowed here: look for wrong indentation, or put a value that holds ': ' in quotes"
      ),
      (
        "a:\n  b: 1\n c: 2\n",
        "3:2: wanted a key here: look for wrong indentation, or for quotes in the middle of a value"
      ),
      ("a: *b\n", "1:4: this alias names no anchor before it"),
      ("a: 1\n---\nb: 2\n", "2:1: wanted a single YAML document, found another one after '---'"),
      ("a: 1\nb\n", "3:1: wanted 'key: value', found no ':'"),
      (
        "a: [1, 2\nb: 3\n",
        "2:2: not valid YAML: did not find expected ',' or ']' (while parsing a flow sequence that begins on line 1); "
          + "close the list with ']', or put a ',' between its values"
      ),
      (
        "a: 'x\n",
        "2:1: not valid YAML: found unexpected end of stream (while scanning a quoted scalar that begins on line 1); "
          + "close the quotes"
      ),
      (
        "a: 1\na: 2\nb: [\n",
        "4:1: not valid YAML: did not find expected node content; a value is missing here, or wants quotes"
      ),
    ])
  func reportsWhereATextStopsBeingYAML(_ text: String, _ expected: String) {
    #expect(error(of: text) == expected)
  }

  @Test func stopsAnAliasBomb() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      let references = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(references)]\n"
    }
    #expect(error(of: text) == "1:5: aliases expand to more than 200000 values")
  }

  @Test func stopsAMergeBomb() {
    var text = "a0: &a0 {\((0..<100).map { "k\($0): 1" }.joined(separator: ", "))}\n"
    for level in 1...20 { text += "a\(level): &a\(level) {<<: [*a0, *a\(level - 1)], m\(level): 1}\n" }
    var limits = YAMLLimits()
    limits.expandedValues = 2000
    #expect(error(of: text, limits: limits)?.hasSuffix("aliases expand to more than 2000 values") == true)
    #expect(error(of: text) == nil)
  }

  @Test(arguments: [(65, nil), (66, "1:66: mappings or lists are nested more than 64 deep")])
  func stopsDeepNesting(_ depth: Int, _ expected: String?) {
    let text = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    #expect(error(of: text) == expected)
  }

  @Test func stopsNestingThatTheParserRefuses() {
    #expect(error(of: String(repeating: "[", count: 5000)) == "1:1: mappings or lists are nested too deeply")
  }
}
