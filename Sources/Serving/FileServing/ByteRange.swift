/// The one range of a `Range` field (RFC 9110 §14.1.2).
///
/// Several ranges are not given: a server may answer them with the whole (§14.2), and what asks for them are, most of the
/// time, attempts at making a server work.
struct ByteRange: Equatable {
  private enum Bounds: Equatable {
    case from(Int, through: Int?)
    case last(Int)
  }

  private let bounds: Bounds

  /// Nil for what is to be ignored: other units, several ranges, what does not read as a range.
  init?(_ field: String) {
    let text = field.trimmed
    guard let equals = text.firstIndex(of: "="), text[..<equals].lowercased() == "bytes" else { return nil }
    let ends = text[text.index(after: equals)...].trimmed.split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2 else { return nil }
    switch (ends[0].isEmpty ? nil : Self.number(ends[0]), ends[1].isEmpty ? nil : Self.number(ends[1])) {
    case (let first?, nil) where ends[1].isEmpty: bounds = .from(first, through: nil)
    case (let first?, let last?) where first <= last: bounds = .from(first, through: last)
    case (nil, let count?) where ends[0].isEmpty: bounds = .last(count)
    default: return nil
    }
  }

  /// What the range has of a file of that size, which is not 0; nil where that is nothing.
  func part(of size: Int) -> Range<Int>? {
    switch bounds {
    case .from(let first, _) where first >= size: nil
    case .from(let first, let last): first..<min(size, last.map { $0 == .max ? $0 : $0 + 1 } ?? size)
    case .last(0): nil
    case .last(let count): max(0, size - count)..<size
    }
  }

  /// Numbers beyond what there can be count as the largest.
  private static func number(_ text: Substring) -> Int? {
    guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
    return Int(text) ?? .max
  }
}
