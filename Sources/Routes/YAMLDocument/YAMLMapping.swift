import LinuxSystem
import PrintableText

/// A mapping that is being read. It records the keys that were requested: all others are unknown.
///
/// All reads return nil for an absent key and for a null value.
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

  /// Returns all entries, and accepts any keys.
  package func acceptAll() -> [YAMLEntry] {
    known.formUnion(entries.map(\.key))
    return entries
  }

  /// Sets the hints for keys that are often mistaken for another one.
  package func suggest(_ hints: [String: String]) { self.hints = hints }

  package func node(_ key: String) -> YAMLNode? { entry(key)?.value }

  /// Whether a key is present, even with a null value.
  package func states(_ key: String) -> Bool {
    known.insert(key)
    return entries.contains { reader.grammar.matches($0.key, key) }
  }

  /// The position of a key, or of the mapping if the key is absent.
  package func position(of key: String) -> YAMLPosition {
    entries.first { reader.grammar.matches($0.key, key) }?.position ?? position
  }

  /// Accepts keys without reading them; returns the entries that are present.
  @discardableResult
  package func accept(_ keys: [String]) -> [YAMLEntry] { keys.compactMap { entry($0) } }

  /// Reports a missing key, unless a problem with its value has been reported.
  package func reportMissing(_ key: String, _ hint: String = "") {
    if entry(key) == nil { reader.report("missing key '\(key)'\(hint)", at: position) }
  }

  func reportUnknownKeys() {
    // By key, the first two spellings of it.
    var spellings: [String: [YAMLEntry]] = [:]
    for entry in entries {
      guard
        let key = known.contains(entry.key) ? entry.key : known.first(where: { reader.grammar.matches(entry.key, $0) })
      else {
        reader.report(unknown(entry.key), at: entry.position)
        continue
      }
      // Another spelling of the same key; an exact repetition is reported as a flaw.
      let earlier = spellings[key, default: []]
      if earlier.count < 2, !earlier.contains(where: { $0.key == entry.key }) {
        spellings[key, default: []].append(entry)
      }
      guard let first = earlier.first(where: { $0.key != entry.key }) else { continue }
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

/// Finds the known key that was probably meant.
enum NearestKey {
  /// The known key with the smallest edit distance, if that is small for its length; nil otherwise.
  static func of(_ key: String, among known: some Sequence<String>) -> String? {
    let wanted = fold(key)
    let ranked = known.map { (key: $0, edits: distance(wanted, fold($0))) }
    guard let nearest = ranked.min(by: { ($0.edits, $0.key) < ($1.edits, $1.key) }) else { return nil }
    return nearest.edits <= (wanted.count < 4 ? 1 : max(2, wanted.count / 3)) ? nearest.key : nil
  }

  /// Treats `noTLSVerify`, `no-tls-verify` and `no_tls_verify` as the same key.
  private static func fold(_ key: String) -> [UInt8] {
    key.lowercased().utf8.filter { $0 != UInt8(ascii: "_") && $0 != UInt8(ascii: "-") }
  }

  /// An abbreviation counts as one edit.
  private static func distance(_ wanted: [UInt8], _ known: [UInt8]) -> Int {
    wanted.count > 1 && known.starts(with: wanted) ? 1 : EditDistance.between(wanted, known)
  }
}
