internal import CLinux

extension [UInt8] {
  /// The index of the first place of a pattern at or after `start`, in a time that is linear whatever the bytes are; nil if
  /// it does not occur. An empty pattern occurs everywhere.
  package func firstIndex(of pattern: [UInt8], from start: Int = 0) -> Int? {
    guard !pattern.isEmpty, start < count else { return pattern.isEmpty ? start : nil }
    return unsafe withUnsafeBytes { text in
      unsafe pattern.withUnsafeBytes { pattern in
        let rest = unsafe UnsafeRawBufferPointer(rebasing: text[start...])
        // memmem(3) reads no more than the two lengths, and returns a place in the text.
        guard
          let text = rest.baseAddress,
          let found = unsafe clinux_find(text, rest.count, pattern.baseAddress, pattern.count)
        else { return nil }
        return start + (found - text)
      }
    }
  }
}
