import PrintableText

/// Labels that several samples share, written once.
struct MetricLabels: Sendable {
  /// From the opening brace to the last value; empty without a label.
  private(set) var bytes: [UInt8] = []

  init() {}
  init(bytes: [UInt8]) { self.bytes = bytes }
  init(_ labels: [(String, String)]) { for (name, value) in labels { add(name, value) } }

  mutating func add(_ name: String, _ value: String) {
    bytes.append(bytes.isEmpty ? UInt8(ascii: "{") : UInt8(ascii: ","))
    Self.write(name, value, to: &bytes)
  }

  /// `route="plex"`
  static func write(_ name: String, _ value: String, to bytes: inout [UInt8]) {
    let value = isPlain(value.utf8.span) ? value : escaped(value)
    bytes.append(addingCapacity: name.utf8.count + value.utf8.count + 3) { label in
      label.append(name.utf8.span)
      label.append(UInt8(ascii: "="))
      label.append(UInt8(ascii: "\""))
      label.append(value.utf8.span)
      label.append(UInt8(ascii: "\""))
    }
  }

  private static func isPlain(_ text: Span<UInt8>) -> Bool {
    for index in text.indices {
      let byte = text[index]
      if byte < 0x20 || byte >= 0x7f || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return false }
    }
    return true
  }

  private static func escaped(_ label: String) -> String {
    var text = String.UnicodeScalarView()
    for scalar in PrintableText.lines(label).unicodeScalars {
      switch scalar {
      case "\\": text.append(contentsOf: "\\\\".unicodeScalars)
      case "\"": text.append(contentsOf: "\\\"".unicodeScalars)
      case "\n": text.append(contentsOf: "\\n".unicodeScalars)
      default: text.append(scalar)
      }
    }
    return String(text)
  }
}
