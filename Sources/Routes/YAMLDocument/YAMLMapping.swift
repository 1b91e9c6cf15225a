import LinuxSystem

/// A mapping while it is read. It remembers which keys were asked for: the others are unknown.
///
/// All reads give nil for an absent key and for a null value.
package final class YAMLMapping {
  package let position: YAMLPosition
  package let reader: YAMLReader
  private let entries: [YAMLEntry]
  private var known: Set<String> = []
  private var hints: [String: String] = [:]

  init(_ entries: [YAMLEntry], at position: YAMLPosition, reader: YAMLReader) {
    (self.entries, self.position, self.reader) = (entries, position, reader)
  }

  package func entry(_ key: String) -> YAMLEntry? {
    known.insert(key)
    return entries.first { reader.grammar.matches($0.key, key) && !$0.value.isNull }
  }

  /// All entries, whatever their keys.
  package func acceptAll() -> [YAMLEntry] {
    known.formUnion(entries.map(\.key))
    return entries
  }

  /// What to say of keys that people write for another one.
  package func suggest(_ hints: [String: String]) { self.hints = hints }

  package func node(_ key: String) -> YAMLNode? { entry(key)?.value }

  /// Whether a key is there, with a null value too.
  package func states(_ key: String) -> Bool {
    known.insert(key)
    return entries.contains { reader.grammar.matches($0.key, key) }
  }

  /// Where a key stands; where the mapping begins if it does not.
  package func position(of key: String) -> YAMLPosition {
    entries.first { reader.grammar.matches($0.key, key) }?.position ?? position
  }

  /// Knows keys without reading them; gives the entries of those that are there.
  @discardableResult
  package func accept(_ keys: [String]) -> [YAMLEntry] { keys.compactMap { entry($0) } }

  /// Tells that a key is missing, unless a problem with its value was told already.
  package func reportMissing(_ key: String, _ hint: String = "") {
    if entry(key) == nil { reader.report("missing key '\(key)'\(hint)", at: position) }
  }

  func reportUnknownKeys() {
    for (index, entry) in entries.enumerated() {
      guard
        let key = known.contains(entry.key) ? entry.key : known.first(where: { reader.grammar.matches(entry.key, $0) })
      else {
        reader.report(unknown(entry.key), at: entry.position)
        continue
      }
      // Another spelling of the same key; the same spelling is reported as a flaw.
      let first = entries[..<index].first { $0.key != entry.key && reader.grammar.matches($0.key, key) }
      guard let first else { continue }
      reader.report(
        "'\(entry.key.excerpt)' is the same key as '\(first.key.excerpt)', set on line \(first.position.line)",
        at: entry.position)
    }
  }

  private func unknown(_ key: String) -> String {
    if let mistake = KeyMistake.explanation(of: key) { return mistake }
    let written = "unknown key '\(key.excerpt)'"
    if let hint = hints.first(where: { reader.grammar.matches(key, $0.key) }) { return "\(written): \(hint.value)" }
    if let nearest = NearestKey.of(key.excerpt, among: known) { return "\(written), did you mean '\(nearest)'?" }
    return "\(written); known are \(known.sorted().joined(separator: ", "))"
  }
}
