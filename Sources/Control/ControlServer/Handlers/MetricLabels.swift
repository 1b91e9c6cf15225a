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
    bytes += name.utf8
    bytes.append(UInt8(ascii: "="))
    bytes.append(UInt8(ascii: "\""))
    if value.utf8.allSatisfy(isPlain) { bytes += value.utf8 } else { bytes += escaped(value).utf8 }
    bytes.append(UInt8(ascii: "\""))
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte < 0x7f && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
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
