/// A value that is written once and shown often, with gaps for the parts of it that run on.
package struct JSONTemplate: Sendable {
  let bytes: [UInt8]
  /// Where the values of the gaps belong.
  let gaps: [Int]

  /// - Parameter write: writes the value, and calls its second argument in place of the one of each gap.
  package init(_ write: (inout JSONWriter, _ writeGap: (inout JSONWriter) -> Void) -> Void) {
    var (json, gaps) = (JSONWriter(), [Int]())
    write(&json) {
      $0.writeGap()
      gaps.append($0.bytes.count)
    }
    (bytes, self.gaps) = (json.bytes, gaps)
  }
}
