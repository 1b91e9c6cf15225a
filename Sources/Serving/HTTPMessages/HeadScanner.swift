import NIOCore

/// Finds the end of a head that arrives in pieces; no byte is examined twice.
struct HeadScanner {
  let limits: MessageLimits
  let allowsBareLineFeed: Bool
  /// The number of waiting bytes that were searched.
  private var searched = 0

  init(limits: MessageLimits, allowsBareLineFeed: Bool) {
    (self.limits, self.allowsBareLineFeed) = (limits, allowsBareLineFeed)
  }

  /// Whether a part of a head was searched in vain, and the rest of it is awaited.
  var isWaiting: Bool { searched > 0 }

  /// Takes a complete head, with its empty line, off the front; nil until its end has arrived.
  mutating func next(from input: inout ByteBuffer) throws(MessageFault) -> ByteBuffer? {
    guard let length = end(in: input.readableBytesUInt8Span, from: max(0, searched - 3)) else {
      searched = input.readableBytes
      guard searched <= limits.headBytes else { throw .headTooLarge(limit: limits.headBytes) }
      return nil
    }
    searched = 0
    guard length <= limits.headBytes else { throw .headTooLarge(limit: limits.headBytes) }
    return input.readSlice(length: length)
  }

  /// Where the first empty line ends.
  private func end(in bytes: Span<UInt8>, from start: Int) -> Int? {
    var offset = start
    while let feed = bytes.firstLineFeed(from: offset) {
      let next = feed + 1
      if next < bytes.count, bytes[next] == 0x0a { return next + 1 }
      if next + 1 < bytes.count, bytes[next] == 0x0d, bytes[next + 1] == 0x0a { return next + 2 }
      offset = next
    }
    return nil
  }
}

extension Span<UInt8> {
  @inline(__always)
  func firstLineFeed(from start: Int) -> Int? {
    var offset = start
    while offset < count {
      offset = firstControl(from: offset)
      guard offset < count else { return nil }
      if self[offset] == 0x0a { return offset }
      offset += 1
    }
    return nil
  }
}
