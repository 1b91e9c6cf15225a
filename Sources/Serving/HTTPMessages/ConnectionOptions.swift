/// The Connection fields of a head (RFC 9110 §7.6.1).
package struct ConnectionOptions: Hashable, Sendable {
  package var close = false
  package var keepAlive = false
  package var upgrade = false

  init() {}

  /// Reads the options, and marks the fields that they name as hop-by-hop.
  ///
  /// There may be as many options as fields, because each is compared with every line.
  init(
    marking lines: inout [FieldLine], _ bytes: Span<UInt8>, limits: MessageLimits
  ) throws(MessageFault) {
    var count = 0
    for index in lines.indices where lines[index].name == .connection {
      var start = lines[index].valueRange.lowerBound
      let end = lines[index].valueRange.upperBound
      while start < end {
        var stop = start
        while stop < end, bytes[stop] != UInt8(ascii: ",") { stop += 1 }
        let option = bytes.trimmed(start, stop)
        start = stop + 1
        if option.start == option.end { continue }
        count += 1
        guard count <= limits.fieldCount else { throw .tooManyFields(limit: limits.fieldCount) }
        apply(bytes.extracting(option.start..<option.end), &lines, bytes)
      }
    }
  }

  private mutating func apply(
    _ option: Span<UInt8>, _ lines: inout [FieldLine], _ bytes: Span<UInt8>
  ) {
    if option.equals(lowercased: "close") { close = true; return }
    if option.equals(lowercased: "keep-alive") { keepAlive = true; return }
    if option.equals(lowercased: "upgrade") { upgrade = true; return }
    for index in lines.indices where Self.mayBeDropped(lines[index].name) {
      if bytes.extracting(lines[index].nameRange).isSameField(as: option) { lines[index].isHopByHop = true }
    }
  }

  /// An option must not change the meaning of a message: by naming Host, for example, a client could have it dropped.
  private static func mayBeDropped(_ name: FieldName) -> Bool {
    name != .host && name != .contentLength && name != .expect
  }
}
