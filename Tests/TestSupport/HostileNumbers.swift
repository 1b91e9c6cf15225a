/// Variants of a JSON text with replaced numbers.
package enum HostileNumbers {
  /// Values that no date, duration or counter can hold, values that are not numbers, and edge cases.
  package static let values = [
    "9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551615", "9007199254740993",
    "1e308", "-1e308", "1e19", "0", "-1", "0.5", "\"a text\"", "null", "[]",
  ]

  /// Each number of the text replaced by each of the values: first one at a time, then all at once.
  package static func variants(of text: String) -> [(value: String, text: String)] {
    let bytes = Array(text.utf8)
    let numbers = ranges(in: bytes)
    return values.flatMap { value in
      (numbers.map { [$0] } + [numbers]).map { (value, replace($0, in: bytes, by: value)) }
    }
  }

  private static func replace(_ ranges: [Range<Int>], in bytes: [UInt8], by value: String) -> String {
    var result = bytes
    for range in ranges.reversed() { result.replaceSubrange(range, with: Array(value.utf8)) }
    return String(decoding: result, as: UTF8.self)
  }

  /// The ranges of numbers outside strings.
  private static func ranges(in bytes: [UInt8]) -> [Range<Int>] {
    var (found, index, isInString) = ([Range<Int>](), 0, false)
    while index < bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: "\\") { index += 1 } else if byte == UInt8(ascii: "\"") { isInString.toggle() }
      if !isInString, isDigit(byte) || byte == UInt8(ascii: "-") {
        let end = bytes[index...].firstIndex { !isDigit($0) && !Array("+-.eE".utf8).contains($0) } ?? bytes.count
        found.append(index..<end)
        index = end
      } else {
        index += 1
      }
    }
    return found
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
