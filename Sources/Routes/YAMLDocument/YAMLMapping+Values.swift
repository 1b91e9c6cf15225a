extension YAMLMapping {
  /// In the lenient grammar, an empty text counts as absent.
  package func text(_ key: String) -> YAMLText? {
    guard var text = verbatim(key) else { return nil }
    guard reader.grammar == .lenient else { return text }
    text.value = text.value.trimmed
    return text.value.isEmpty ? nil : text
  }

  /// A text whose spaces are significant.
  package func verbatim(_ key: String) -> YAMLText? { node(key).flatMap { reader.text($0, key) } }

  package func string(_ key: String) -> String? { text(key)?.value }

  /// A value in a custom format. `parse` returns nil for a text that is not `wanted` (`an IP address`).
  package func value<Value>(_ key: String, _ wanted: String, parse: (String) -> Value?) -> Value? {
    text(key).flatMap { value($0, key, wanted, parse: parse) }
  }

  package func value<Value>(
    _ text: YAMLText, _ key: String, _ wanted: String, parse: (String) -> Value?
  ) -> Value? {
    if let value = parse(text.value) { return value }
    reader.report("\(key) must be \(wanted), found '\(text.written)'", at: text.position)
    return nil
  }

  /// `true`, `yes`, `on` and their opposites, in any case (<https://yaml.org/type/bool.html>); in the lenient grammar,
  /// also the words of Go's `strconv.ParseBool`.
  package func bool(_ key: String) -> Bool? {
    let isLenient = reader.grammar == .lenient
    return value(key, "true or false") { text in
      switch text.lowercased() {
      case "true", "yes", "on": true
      case "false", "no", "off": false
      case "1",
        "t" where isLenient:
        true
      case "0",
        "f" where isLenient:
        false
      default: nil
      }
    }
  }

  /// A whole number in decimal notation.
  package func int(_ key: String, in range: ClosedRange<Int>) -> Int? {
    value(key, "a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
      Int(text).flatMap { range.contains($0) ? $0 : nil }
    }
  }

  /// A duration of at least `minimum`; in the lenient grammar, zero counts as absent.
  package func duration(_ key: String, atLeast minimum: Duration) -> Duration? {
    let form = "a duration such as 300ms, 10s, 5m or 1h"
    guard let text = text(key) else { return nil }
    guard let duration = value(text, key, form, parse: DurationText.parse) else { return nil }
    if reader.grammar == .lenient, duration == .zero { return nil }
    if duration >= minimum { return duration }
    let limit = DurationText.format(minimum)
    reader.report("\(key) must be at least \(limit), found '\(text.written)'", at: text.position)
    return nil
  }

  /// One of several words, given by the raw values of a type.
  package func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ key: String, _ type: Choice.Type = Choice.self
  ) -> Choice? {
    let words = Choice.allCases.map(\.rawValue)
    guard let text = text(key) else { return nil }
    if let choice = Choice(rawValue: text.value) { return choice }
    if reader.grammar == .lenient, let choice = Choice(rawValue: text.value.lowercased()) { return choice }
    let hint = NearestKey.of(text.written, among: words).map { ", did you mean '\($0)'?" } ?? ""
    reader.report(
      "\(key) must be one of \(words.joined(separator: ", ")), found '\(text.written)'\(hint)", at: text.position)
    return nil
  }

  /// A list of texts; a single text is a list of one, which the lenient grammar splits at commas. Nil if it is absent
  /// or not a list.
  package func strings(_ key: String) -> [YAMLText]? {
    node(key).flatMap { strings(in: $0, key) }
  }

  private func strings(in node: YAMLNode, _ key: String) -> [YAMLText]? {
    switch node.content {
    case .scalar(let scalar):
      guard reader.grammar == .lenient else { return reader.text(node, key).map { [$0] } }
      if scalar.text.contains("\n") || scalar.text.hasPrefix("[") || scalar.text.hasPrefix("-") {
        return reader.yaml(in: scalar, at: node.position, key).flatMap { strings(in: $0, key) }
      }
      return reader.text(node, key).map(Self.parts)
    case .sequence(let items): return items.compactMap { reader.text($0, "an entry of \(key)") }
    case .mapping:
      reader.report("\(key) must be a list, found a mapping", at: node.position)
      return nil
    }
  }

  private static func parts(of text: YAMLText) -> [YAMLText] {
    text.value.split(separator: ",").map { String($0).trimmed }.filter { !$0.isEmpty }
      .map(text.part)
  }

  /// The items of a list; nil if it is absent or not a list.
  package func list(_ key: String) -> [YAMLNode]? {
    guard let node = node(key) else { return nil }
    if case .sequence(let items) = node.content { return items }
    reader.report("\(key) must be a list, found \(node.kind)", at: node.position)
    return nil
  }

  /// Reads a mapping inside this one; nil if it is absent or not a mapping.
  @discardableResult
  package func mapping<Value>(_ key: String, read: (YAMLMapping) -> Value) -> Value? {
    node(key).flatMap { reader.mapping($0, key, read: read) }
  }
}
