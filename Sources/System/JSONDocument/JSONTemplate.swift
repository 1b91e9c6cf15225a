/// A value that is written once and shown often, with a gap for the part of it that runs on.
package struct JSONTemplate: Sendable {
  let bytes: [UInt8]
  /// Where the value of the gap belongs.
  let gap: Int

  /// - Parameter write: writes the value, and calls its second argument in place of the one of the gap.
  package init(_ write: (inout JSONWriter, _ writeGap: (inout JSONWriter) -> Void) -> Void) {
    var (json, gap) = (JSONWriter(), 0)
    let placeholder: StaticString = "null"
    write(&json) {
      gap = $0.bytes.count
      $0.writeNull()
    }
    bytes = Array(json.bytes[..<gap] + json.bytes[(gap + placeholder.utf8CodeUnitCount)...])
    self.gap = gap
  }
}
