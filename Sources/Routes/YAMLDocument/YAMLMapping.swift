import LinuxSystem

/// A mapping while it is read. It remembers which keys were asked for: the others are unknown.
///
/// All reads give nil for an absent key and for a null value.
package final class YAMLMapping {
  package let position: YAMLPosition
  package let reader: YAMLReader
  private let entries: [YAMLEntry]
  private var known: Set<String> = []

  init(_ entries: [YAMLEntry], at position: YAMLPosition, reader: YAMLReader) {
    (self.entries, self.position, self.reader) = (entries, position, reader)
  }

  package func entry(_ key: String) -> YAMLEntry? {
    known.insert(key)
    return entries.first { $0.key == key && !$0.value.isNull }
  }

  package func node(_ key: String) -> YAMLNode? { entry(key)?.value }

  /// Whether a key is there, with a null value too.
  package func states(_ key: String) -> Bool {
    known.insert(key)
    return entries.contains { $0.key == key }
  }

  /// Where a key stands; where the mapping begins if it does not.
  package func position(of key: String) -> YAMLPosition {
    entries.first { $0.key == key }?.position ?? position
  }

  /// Knows keys without reading them; gives the entries of those that are there.
  @discardableResult
  package func accept(_ keys: [String]) -> [YAMLEntry] { keys.compactMap { entry($0) } }

  /// Tells that a key is missing, unless a problem with its value was told already.
  package func reportMissing(_ key: String, _ hint: String = "") {
    if entry(key) == nil { reader.report("missing key '\(key)'\(hint)", at: position) }
  }

  func reportUnknownKeys() {
    for entry in entries where !known.contains(entry.key) {
      let nearest = NearestKey.of(entry.key.excerpt, among: known)
      let hint = nearest.map { ", did you mean '\($0)'?" } ?? "; known are \(known.sorted().joined(separator: ", "))"
      reader.report("unknown key '\(entry.key.excerpt)'\(hint)", at: entry.position)
    }
  }
}
