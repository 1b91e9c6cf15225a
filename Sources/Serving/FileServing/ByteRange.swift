/// The single range of a `Range` field (RFC 9110 §14.1.2).
///
/// Several ranges are not supported: a server may answer them with the whole file (§14.2), and most requests for them
/// are attempts to overload a server.
struct ByteRange: Equatable {
  private enum Bounds: Equatable {
    case from(Int, through: Int?)
    case last(Int)
  }

  private let bounds: Bounds

  /// Nil for a field that must be ignored: another unit, several ranges, or an invalid range.
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

  /// The part of a file of that size, which is not 0, that the range covers; nil if it covers nothing.
  func part(of size: Int) -> Range<Int>? {
    switch bounds {
    case .from(let first, _) where first >= size: nil
    case .from(let first, let last): first..<min(size, last.map { $0 == .max ? $0 : $0 + 1 } ?? size)
    case .last(0): nil
    case .last(let count): max(0, size - count)..<size
    }
  }

  /// A number that does not fit counts as the largest.
  private static func number(_ text: Substring) -> Int? {
    guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
    return Int(text) ?? .max
  }
}
