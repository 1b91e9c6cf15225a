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
