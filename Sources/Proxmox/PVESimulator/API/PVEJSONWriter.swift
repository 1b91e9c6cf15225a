/// Writes JSON directly as bytes, in the order of the calls; fast enough for thousands of guests per answer.
struct PVEJSONWriter {
  private(set) var bytes: [UInt8] = []
  private var needsComma = false

  mutating func object(_ body: (inout PVEJSONWriter) -> Void) { nest("{", "}", body) }
  mutating func array(_ body: (inout PVEJSONWriter) -> Void) { nest("[", "]", body) }

  /// One object per element.
  mutating func objects<Element>(_ elements: some Sequence<Element>, _ body: (inout PVEJSONWriter, Element) -> Void) {
    array { writer in
      for element in elements { writer.object { body(&$0, element) } }
    }
  }

  mutating func value(_ text: String) {
    separate()
    quote(text)
    needsComma = true
  }

  mutating func value(_ number: Int) { raw(String(number)) }
  mutating func value(_ number: Double) { raw(String(number)) }
  mutating func null() { raw("null") }

  /// The name of the next value.
  mutating func key(_ name: String) {
    separate()
    quote(name)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  private mutating func nest(_ open: Character, _ close: Character, _ body: (inout PVEJSONWriter) -> Void) {
    separate()
    bytes += String(open).utf8
    needsComma = false
    body(&self)
    bytes += String(close).utf8
    needsComma = true
  }

  private mutating func raw(_ text: String) {
    separate()
    bytes += text.utf8
    needsComma = true
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
  }

  private mutating func quote(_ text: String) {
    var text = text
    bytes.append(UInt8(ascii: "\""))
    text.withUTF8 { utf8 in
      if utf8.contains(where: Self.isSpecial) {
        for byte in utf8 { escape(byte) }
      } else {
        bytes.append(contentsOf: utf8)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// RFC 8259 §7: characters that must be escaped in a string.
  private static func isSpecial(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
  }

  private mutating func escape(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
    case 0x0a: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
    case ..<0x20:
      let hex = String(byte, radix: 16)
      bytes += ("\\u" + String(repeating: "0", count: 4 - hex.utf8.count) + hex).utf8
    default: bytes.append(byte)
    }
  }
}

// Members of an object. PVE omits unknown values, and writes booleans as 0 and 1.
extension PVEJSONWriter {
  mutating func field(_ name: String, _ text: String?) {
    guard let text else { return }
    key(name)
    value(text)
  }

  mutating func field(_ name: String, _ number: Int) {
    key(name)
    value(number)
  }

  mutating func field(_ name: String, _ number: Double) {
    key(name)
    value(number)
  }

  mutating func field(_ name: String, _ flag: Bool) { field(name, flag ? 1 : 0) }
}
