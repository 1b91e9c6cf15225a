/// A text whose keys can be made distinct by appending a private-use character to each.
///
/// Marks may also end up in text that only looks like a key, so readers of the tree strip them from everything.
struct MarkedText {
  private(set) var text: String
  /// The columns of the marks on each line that has any.
  private var columns: [Int: [Int]] = [:]

  /// Supplementary Private Use Area-B, which YAML allows and people do not type.
  private static let first: UInt32 = 0x10_0000
  private static let capacity: UInt32 = 0xFFFE

  init(_ text: String) { self.text = text }

  /// Marks everything that looks like a key; returns false if that was already done or there is nothing to mark.
  mutating func mark() -> Bool {
    guard columns.isEmpty else { return false }
    let bytes = Array(text.utf8)
    var marked: [UInt8] = []
    var (copied, count) = (0, UInt32(0))
    for colon in bytes.indices where bytes[colon] == UInt8(ascii: ":") {
      guard let end = Self.keyEnd(before: colon, in: bytes), end > copied else { continue }
      marked += bytes[copied..<end]
      marked += Self.mark(count)
      (copied, count) = (end, count + 1)
    }
    text = String(decoding: marked + bytes[copied...], as: UTF8.self)
    columns = Self.columns(in: text)
    return count > 0
  }

  /// Converts a position in the marked text to one in the original text.
  func position(line: Int, column: Int) -> YAMLPosition {
    YAMLPosition(line: line, column: column - marks(before: column, on: columns[line] ?? []))
  }

  /// Returns the original form of a piece of the marked text.
  func strip(_ piece: String) -> String {
    if columns.isEmpty { return piece }
    return String(String.UnicodeScalarView(piece.unicodeScalars.filter { $0.value < Self.first }))
  }

  /// Returns the original text of a line.
  func line(_ number: Int) -> String {
    let lines = text.split(separator: "\n", maxSplits: number, omittingEmptySubsequences: false)
    return lines.indices.contains(number - 1) ? strip(String(lines[number - 1])) : ""
  }

  /// Uses bisection, because a JSON file has all its marks on one line.
  private func marks(before column: Int, on sorted: [Int]) -> Int {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < column { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The mark for a number: one character, or two from the 65,534th on.
  private static func mark(_ number: UInt32) -> [UInt8] {
    let digits = number < capacity ? [number] : [number / capacity, number % capacity]
    return digits.compactMap { Unicode.Scalar(first + $0) }.flatMap { Array(String($0).utf8) }
  }

  /// The end of the key before a colon, inside its quotes if it has some; nil if a mark could change more than the
  /// key's text.
  private static func keyEnd(before colon: Int, in bytes: [UInt8]) -> Int? {
    var end = colon
    while end > 0, bytes[end - 1] == UInt8(ascii: " ") { end -= 1 }
    guard end > 0 else { return nil }
    let isQuoted = bytes[end - 1] == UInt8(ascii: "\"") || bytes[end - 1] == UInt8(ascii: "'")
    if isQuoted {
      end -= 1
      // The quote may be an escaped one.
      return end > 0 && bytes[end - 1] != UInt8(ascii: "\\") ? end : nil
    }
    let endsKey = colon + 1 == bytes.count || bytes[colon + 1] <= UInt8(ascii: " ")
    // These are followed by an empty key or none: `- : x`, `{: x}`.
    let opens = bytes[end - 1] <= UInt8(ascii: " ") || "-?{[,".utf8.contains(bytes[end - 1])
    return endsKey && !opens && !isReference(endingAt: end, in: bytes) ? end : nil
  }

  /// Whether the word is an alias, an anchor or a tag, which a mark would change into another one.
  private static func isReference(endingAt end: Int, in bytes: [UInt8]) -> Bool {
    let maxNameLength = 256
    let start = bytes[max(0, end - maxNameLength)..<end].lastIndex { $0 <= 0x20 || "{[,".utf8.contains($0) }
    let word = start.map { $0 + 1 } ?? max(0, end - maxNameLength)
    return word < end && "*&!".utf8.contains(bytes[word])
  }

  private static func columns(in text: String) -> [Int: [Int]] {
    var columns: [Int: [Int]] = [:]
    var (line, column) = (1, 0)
    for scalar in text.unicodeScalars {
      column += 1
      if scalar == "\n" { (line, column) = (line + 1, 0) }
      if scalar.value >= first { columns[line, default: []].append(column) }
    }
    return columns
  }
}
