import Yams

/// A position in a YAML text; lines and columns count from 1, columns in Unicode scalars.
package struct YAMLPosition: Hashable, Comparable, Sendable, CustomStringConvertible {
  package var line: Int
  package var column: Int

  package init(line: Int, column: Int) { (self.line, self.column) = (line, column) }

  package static let start = YAMLPosition(line: 1, column: 1)

  package var description: String { "\(line):\(column)" }

  package static func < (left: Self, right: Self) -> Bool { (left.line, left.column) < (right.line, right.column) }
}

/// A problem in a YAML text. The caller decides what it means for the program.
package struct YAMLProblem: Error, Hashable, Sendable, CustomStringConvertible {
  package var position: YAMLPosition
  /// One line: what was wanted, what was found, what to do.
  package var message: String

  package init(at position: YAMLPosition, _ message: String) { (self.position, self.message) = (position, message) }

  package var line: Int { position.line }
  package var column: Int { position.column }
  package var description: String { "\(position): \(message)" }
}

extension YAMLProblem {
  /// Turns the parser's error into one line that a person can act on.
  init(_ error: any Error, in source: MarkedText) {
    switch error {
    case YamlError.scanner(let context, let problem, let mark, _),
      YamlError.parser(let context, let problem, let mark, _),
      YamlError.composer(let context, let problem, let mark, _):
      let position = source.position(line: mark.line, column: mark.column)
      if let blank = Self.unusualBlank(near: position, in: source) {
        self = blank
        return
      }
      self.init(at: position, Self.text(problem, context: context, at: position, in: source))
    default:
      let reason = String(describing: error).prefix { $0 != "\n" }
      self.init(at: .start, "not valid YAML: \(reason); \(Self.advice(for: String(reason)))")
    }
  }

  private static func text(
    _ problem: String, context: YamlError.Context?, at position: YAMLPosition, in source: MarkedText
  ) -> String {
    if let explained = explanation(of: problem, at: position, in: source) { return explained }
    let begin =
      context.flatMap { $0.mark.line == position.line ? nil : " (\($0.text) that begins on line \($0.mark.line))" }
      ?? ""
    return "not valid YAML: \(problem)\(begin); \(advice(for: problem))"
  }

  private static func advice(for problem: String) -> String {
    switch problem {
    case "did not find expected ',' or ']'": "close the list with ']', or put a ',' between its values"
    case "did not find expected ',' or '}'": "close the mapping with '}', or put a ',' between its entries"
    case "did not find expected node content": "a value is missing here, or wants quotes"
    case "found unexpected end of stream": "close the quotes"
    default: "look here and on the line before for a bracket, a quote or a ':' that is missing, or wrong indentation"
    }
  }

  /// A special space makes its line a text or a key, which the next line does not fit.
  private static func unusualBlank(near position: YAMLPosition, in source: MarkedText) -> YAMLProblem? {
    for number in [position.line, position.line - 1] where number > 0 {
      let line = source.line(number)
      guard let mistake = KeyMistake.explanation(ofIndentation: line) else { continue }
      return YAMLProblem(at: YAMLPosition(line: number, column: line.prefix { $0 == " " }.count + 1), mistake)
    }
    return nil
  }

  /// The scanner stops at the line that it could not join to the previous key.
  private static func missingSpace(at position: YAMLPosition, in source: MarkedText) -> String? {
    for line in [position.line, position.line - 1] where line > 0 {
      guard let mistake = KeyMistake.explanation(ofText: entry(in: source.line(line))) else { continue }
      return line == position.line ? mistake : "\(mistake) on line \(line)"
    }
    return nil
  }

  /// A line without its indentation and the dashes of a list.
  private static func entry(in line: String) -> String {
    var entry = line.trimmed
    while entry.hasPrefix("- ") { entry = String(entry.dropFirst(2)).trimmed }
    return entry
  }

  /// Explains the most common mistakes better than the scanner does.
  private static func explanation(of problem: String, at position: YAMLPosition, in source: MarkedText) -> String? {
    let line = source.line(position.line)
    let here = line.unicodeScalars.dropFirst(position.column - 1).first
    switch problem {
    case "found character that cannot start any token" where here == "\t" || line.hasPrefix("\t"),
      "found a tab character that violates indentation":
      return "a tab cannot indent YAML: use spaces"
    case "found character that cannot start any token":
      return "a value cannot start with '\(here.map(String.init) ?? "")': put it in quotes"
    case "mapping values are not allowed in this context":
      if let mistake = missingSpace(at: position, in: source) { return mistake }
      return "a ':' is not allowed here: look for wrong indentation, or put a value that holds ': ' in quotes"
    case "did not find expected key":
      return "wanted a key here: look for wrong indentation, or for quotes in the middle of a value"
    case "found undefined alias" where line.trimmed.hasPrefix("*."),
      "did not find expected alphabetic or numeric character" where line.trimmed.hasPrefix("*"):
      return "a name that begins with '*' needs quotes, as in \"*.home.example\":"
    case "did not find expected alphabetic or numeric character" where line.contains("*"):
      return "a value that begins with '*' needs quotes, as in \"*.home.example\""
    case "found undefined alias": return "this alias names no anchor before it"
    case "but found another document": return "wanted a single YAML document, found another one after '---'"
    case "could not find expected ':'":
      return missingSpace(at: position, in: source) ?? "wanted 'key: value', found no ':'"
    case "Maximum nesting level reached, set with yaml_set_max_nest_level())":
      return "mappings or lists are nested too deeply"
    default: return nil
    }
  }
}
