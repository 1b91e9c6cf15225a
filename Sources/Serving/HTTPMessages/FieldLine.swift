/// The offsets of one field line in the bytes of its head.
package struct FieldLine: Sendable {
  package internal(set) var name: FieldName
  /// Hop-by-hop by its name or because Connection names it: valid for this connection only.
  package internal(set) var isHopByHop: Bool
  /// Ended by LF alone, or with blanks before its colon: written in the regular form when it is passed on.
  var isIrregular = false
  /// Offsets into the head. The line's end is behind its CR LF; the value is without blanks around it.
  let start: UInt16
  let nameEnd: UInt16
  let valueStart: UInt16
  let valueEnd: UInt16
  let lineEnd: UInt16

  package var nameRange: Range<Int> { Int(start)..<Int(nameEnd) }
  package var valueRange: Range<Int> { Int(valueStart)..<Int(valueEnd) }
  package var lineRange: Range<Int> { Int(start)..<Int(lineEnd) }
}
