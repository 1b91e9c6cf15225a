package import NIOCore

/// Writes a head, mostly by copying runs of bytes from the received one.
package struct HeadWriter {
  package private(set) var bytes: ByteBuffer

  package init(allocator: ByteBufferAllocator, capacity: Int) { bytes = allocator.buffer(capacity: capacity) }

  /// Appends to a buffer. Pass the ownership of the buffer: if there is another reference to it, it is copied.
  package init(behind bytes: consuming ByteBuffer) { self.bytes = bytes }

  package mutating func write(_ text: StaticString) { bytes.writeStaticString(text) }

  package mutating func write(_ text: String) { bytes.writeString(text) }

  /// Copies another buffer.
  package mutating func write(_ other: ByteBuffer) { bytes.writeImmutableBuffer(other) }

  package mutating func write(_ number: UInt64) { bytes.writeString(String(number)) }

  /// Copies a part of a head.
  package mutating func copy(_ range: Range<Int>, of fields: HeadFields) {
    bytes.writeBytes(fields.bytes.readableBytesSpan.extracting(range))
  }

  /// Copies the selected field lines unchanged.
  ///
  /// - Parameter start: bytes to copy before them; free if they end where the lines begin.
  @inline(__always)
  package mutating func copyLines(
    of fields: HeadFields, behind start: Range<Int> = 0..<0, keeping keeps: (FieldLine) -> Bool
  ) {
    let source = fields.bytes.readableBytesSpan
    var run = start
    for line in fields.lines where keeps(line) {
      let range = line.lineRange
      if line.isIrregular {
        bytes.writeBytes(source.extracting(run))
        write(line, of: source)
        run = 0..<0
        continue
      }
      if run.upperBound == range.lowerBound, !run.isEmpty {
        run = run.lowerBound..<range.upperBound
      } else {
        bytes.writeBytes(source.extracting(run))
        run = range
      }
    }
    bytes.writeBytes(source.extracting(run))
  }

  package mutating func end() { bytes.writeStaticString("\r\n") }

  private mutating func write(_ line: FieldLine, of source: RawSpan) {
    bytes.writeBytes(source.extracting(line.nameRange))
    bytes.writeStaticString(line.valueRange.isEmpty ? ":" : ": ")
    bytes.writeBytes(source.extracting(line.valueRange))
    bytes.writeStaticString("\r\n")
  }
}
