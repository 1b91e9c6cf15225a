import PrintableText

/// Writes JSON in one pass: compact, with unescaped slashes, and unprintable characters (``PrintableText``) as escapes.
///
/// Commas are added automatically, so that a long list can be written in parts. A value of an object follows its key;
/// every begun list or object must be ended.
// Public, as are the generics that use it: the compiler neither specialises nor inlines `package` code in other
// modules.
public struct JSONWriter: Sendable {
  /// The bytes written since the last ``clear()``.
  package private(set) var bytes: [UInt8] = []
  package var count: Int { bytes.count }
  /// Whether a value precedes, so that the next one needs a comma.
  private var isBehindValue = false

  package init() {}

  /// Removes the bytes after they were taken; writing continues the same document.
  package mutating func clear() { bytes.removeAll(keepingCapacity: true) }

  package mutating func beginObject() { begin(UInt8(ascii: "{")) }
  package mutating func endObject() { end(UInt8(ascii: "}")) }
  package mutating func beginArray() { begin(UInt8(ascii: "[")) }
  package mutating func endArray() { end(UInt8(ascii: "]")) }

  /// Adds a line feed after the document, for terminals.
  package mutating func endLine() { bytes.append(UInt8(ascii: "\n")) }

  /// The name of the next value of an object.
  public mutating func key(_ text: String) { write(text, isKey: true) }

  /// Writes a value of an object with its name, which needs no escapes.
  @inlinable
  public mutating func field(_ key: some CodingKey, _ value: some JSONWritable) {
    write(plain: key.stringValue, isKey: true)
    value.write(to: &self)
  }

  public mutating func write(_ text: String) { write(text, isKey: false) }

  /// Writes a text that needs no escapes, as a word of the API; that is not checked.
  package mutating func write(plain text: String) { write(plain: text, isKey: false) }

  private mutating func write(_ text: String, isKey: Bool) {
    if Self.isPlain(text.utf8.span) { return write(plain: text, isKey: isKey) }
    beginValue()
    writeEscaped(text)
    if isKey { bytes.append(UInt8(ascii: ":")) }
    isBehindValue = !isKey
  }

  @usableFromInline
  mutating func write(plain text: String, isKey: Bool) {
    let (plain, isBehindValue) = (text.utf8.span, isBehindValue)
    bytes.append(addingCapacity: plain.count + 4) { written in
      if isBehindValue { written.append(UInt8(ascii: ",")) }
      written.append(UInt8(ascii: "\""))
      written.append(plain)
      written.append(UInt8(ascii: "\""))
      if isKey { written.append(UInt8(ascii: ":")) }
    }
    self.isBehindValue = !isKey
  }

  public mutating func write(_ number: Int64) {
    beginValue()
    if number < 0 { bytes.append(UInt8(ascii: "-")) }
    bytes.append(decimal: number.magnitude)
  }

  package mutating func write(_ number: UInt64) {
    beginValue()
    bytes.append(decimal: number)
  }

  /// Null for a number that JSON cannot represent (RFC 8259 §6).
  package mutating func write(_ number: Double) {
    if let whole = Int64(exactly: number) { return write(whole) }
    word(number.isFinite ? "\(number)" : "null")
  }

  package mutating func write(_ flag: Bool) { word(flag ? "true" : "false") }
  public mutating func writeNull() { word("null") }

  private mutating func word(_ word: String) {
    beginValue()
    bytes.append(contentsOf: word.utf8)
  }

  private mutating func begin(_ bracket: UInt8) {
    beginValue()
    bytes.append(bracket)
    isBehindValue = false
  }

  private mutating func end(_ bracket: UInt8) {
    bytes.append(bracket)
    isBehindValue = true
  }

  private mutating func beginValue() {
    if isBehindValue { bytes.append(UInt8(ascii: ",")) }
    isBehindValue = true
  }
}

// Values that were encoded earlier.
extension JSONWriter {
  /// Writes a template.
  ///
  /// - Parameter writeValue: writes the value of the gap with that number, from 0.
  package mutating func write(_ template: JSONTemplate, _ writeValue: (_ gap: Int, inout JSONWriter) -> Void) {
    beginValue()
    var written = 0
    for (number, gap) in template.gaps.enumerated() {
      bytes.append(contentsOf: template.bytes[written..<gap])
      isBehindValue = false
      writeValue(number, &self)
      written = gap
    }
    bytes.append(contentsOf: template.bytes[written...])
    isBehindValue = true
  }

  /// Writes everything that precedes a value, without the value.
  mutating func writeGap() {
    beginValue()
    isBehindValue = true
  }
}

// The escapes (RFC 8259 §7).
extension JSONWriter {
  @inline(__always)
  private static func isPlain(_ text: Span<UInt8>) -> Bool {
    for index in text.indices {
      let byte = text[index]
      if byte < 0x20 || byte >= 0x7f || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return false }
    }
    return true
  }

  @inline(never)
  private mutating func writeEscaped(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": bytes += #"\""#.utf8
      case "\\": bytes += #"\\"#.utf8
      case "\n": bytes += #"\n"#.utf8
      case "\r": bytes += #"\r"#.utf8
      case "\t": bytes += #"\t"#.utf8
      case "\u{8}": bytes += #"\b"#.utf8
      case "\u{c}": bytes += #"\f"#.utf8
      case let scalar where PrintableText.isUnsafe(scalar):
        for unit in scalar.utf16 { writeEscape(unit) }
      default: bytes += scalar.utf8
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// `\u00ad`
  private mutating func writeEscape(_ unit: UInt16) {
    bytes += #"\u"#.utf8
    for shift in stride(from: UInt16(12), through: 0, by: -4) { bytes.append(Self.digits[Int(unit >> shift & 15)]) }
  }

  private static let digits = Array("0123456789abcdef".utf8)
}

/// A value that is encoded once and written often, with gaps for its variable parts.
package struct JSONTemplate: Sendable {
  let bytes: [UInt8]
  /// The positions of the gaps.
  let gaps: [Int]

  /// - Parameter write: writes the value, and calls its second argument at the position of each gap.
  package init(_ write: (inout JSONWriter, _ writeGap: (inout JSONWriter) -> Void) -> Void) {
    var (json, gaps) = (JSONWriter(), [Int]())
    write(&json) {
      $0.writeGap()
      gaps.append($0.bytes.count)
    }
    (bytes, self.gaps) = (json.bytes, gaps)
  }
}
