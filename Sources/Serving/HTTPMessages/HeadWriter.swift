package import NIOCore

/// Writes a head, most of it by copying runs of bytes from the one that came in.
package struct HeadWriter {
  package private(set) var bytes: ByteBuffer

  package init(allocator: ByteBufferAllocator, capacity: Int) { bytes = allocator.buffer(capacity: capacity) }

  /// Writes behind what a buffer holds. The buffer is to be given, not lent: a copy would be made of one that somebody
  /// else holds too.
  package init(behind bytes: consuming ByteBuffer) { self.bytes = bytes }

  package mutating func write(_ text: StaticString) { bytes.writeStaticString(text) }

  package mutating func write(_ text: String) { bytes.writeString(text) }

  /// Copies what another buffer holds.
  package mutating func write(_ other: ByteBuffer) { bytes.writeImmutableBuffer(other) }

  package mutating func write(_ number: UInt64) { bytes.writeString(String(number)) }

  /// Copies a part of a head.
  package mutating func copy(_ range: Range<Int>, of fields: HeadFields) {
    fields.withBytes { _ = bytes.writeBytes(UnsafeRawBufferPointer(rebasing: $0[range])) }
  }

  /// Copies the field lines that are kept, as they were written.
  ///
  /// - Parameter start: copied before them; one that ends where the lines begin costs nothing more.
  @inline(__always)
  package mutating func copyLines(
    of fields: HeadFields, behind start: Range<Int> = 0..<0, keeping keeps: (FieldLine) -> Bool
  ) {
    fields.withBytes { source in
      var run = start
      for line in fields.lines where keeps(line) {
        let range = line.lineRange
        if line.isIrregular {
          bytes.writeBytes(UnsafeRawBufferPointer(rebasing: source[run]))
          write(line, of: source)
          run = 0..<0
          continue
        }
        if run.upperBound == range.lowerBound, !run.isEmpty {
          run = run.lowerBound..<range.upperBound
        } else {
          bytes.writeBytes(UnsafeRawBufferPointer(rebasing: source[run]))
          run = range
        }
      }
      bytes.writeBytes(UnsafeRawBufferPointer(rebasing: source[run]))
    }
  }

  package mutating func end() { bytes.writeStaticString("\r\n") }

  private mutating func write(_ line: FieldLine, of source: UnsafeRawBufferPointer) {
    bytes.writeBytes(UnsafeRawBufferPointer(rebasing: source[line.nameRange]))
    bytes.writeStaticString(line.valueRange.isEmpty ? ":" : ": ")
    bytes.writeBytes(UnsafeRawBufferPointer(rebasing: source[line.valueRange]))
    bytes.writeStaticString("\r\n")
  }
}
