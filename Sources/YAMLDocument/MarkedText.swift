/// A text some of whose keys carry a private character each, so that no two of them are equal.
///
/// Marks may also meet text that is no key; whoever reads the tree strips them from everything.
struct MarkedText {
  private(set) var text: String
  /// The columns of the marks on each line that has any.
  private var columns: [Int: [Int]] = [:]
  private var count: UInt32 = 0

  /// Supplementary Private Use Area-B, which YAML allows and nobody types.
  private static let first: UInt32 = 0x10_0000
  private static let capacity: UInt32 = 0xFFFE

  init(_ text: String) { self.text = text }

  /// Marks what looks like one of these keys, wherever it stands; false if nothing new does.
  mutating func mark(_ keys: [String]) -> Bool {
    let bytes = Array(text.utf8)
    let wanted = Set(keys.map { ArraySlice($0.utf8) })
    let lengths = Set(wanted.map(\.count)).sorted()
    var marked: [UInt8] = []
    var copied = 0
    for colon in bytes.indices where bytes[colon] == UInt8(ascii: ":") {
      guard let end = Self.keyEnd(before: colon, in: bytes), count < Self.capacity, end >= copied,
        lengths.contains(where: { Self.isKey(bytes, from: end - $0, to: end, in: wanted) }),
        let mark = Unicode.Scalar(Self.first + count)
      else { continue }
      marked += bytes[copied..<end]
      marked += Array(String(mark).utf8)
      copied = end
      count += 1
    }
    guard copied > 0 else { return false }
    text = String(decoding: marked + bytes[copied...], as: UTF8.self)
    columns = Self.columns(in: text)
    return true
  }

  /// Where a place of the marked text is in the text that was given.
  func position(line: Int, column: Int) -> YAMLPosition {
    YAMLPosition(line: line, column: column - (columns[line]?.count { $0 < column } ?? 0))
  }

  /// A piece of the marked text as it was given.
  func strip(_ piece: String) -> String {
    if columns.isEmpty { return piece }
    return String(String.UnicodeScalarView(piece.unicodeScalars.filter { $0.value < Self.first }))
  }

  /// The line of a place, as it was given.
  func line(_ number: Int) -> String {
    let lines = text.split(separator: "\n", maxSplits: number, omittingEmptySubsequences: false)
    return lines.indices.contains(number - 1) ? strip(String(lines[number - 1])) : ""
  }

  /// The end of what could be a key before a colon: spaces and a quote are none of it.
  private static func keyEnd(before colon: Int, in bytes: [UInt8]) -> Int? {
    var end = colon
    while end > 0, bytes[end - 1] == UInt8(ascii: " ") { end -= 1 }
    if end > 0, isQuote(bytes[end - 1]) { end -= 1 }
    return end > 0 ? end : nil
  }

  private static func isKey(_ bytes: [UInt8], from start: Int, to end: Int, in wanted: Set<ArraySlice<UInt8>>) -> Bool {
    guard start >= 0, start < end else { return false }
    let before = start > 0 ? bytes[start - 1] : UInt8(ascii: "\n")
    let opens = before <= UInt8(ascii: " ") || before == UInt8(ascii: "{") || before == UInt8(ascii: ",")
    return (opens || isQuote(before)) && wanted.contains(bytes[start..<end])
  }

  private static func isQuote(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") }

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
