/// Where a body ends (RFC 9112 §6.3).
package enum BodyFraming: Hashable, Sendable {
  /// No body, whatever Content-Length says: answers to HEAD, 1xx, 204, 304, and requests without either field.
  case none
  /// The length in bytes, not 0.
  case length(UInt64)
  case chunked
  /// The body ends with the connection: responses only.
  case untilClose
}

/// The fields that determine where a body ends, collected from a head.
struct FramingFields {
  var length: UInt64?
  var isChunked = false

  init(length: UInt64?) { self.length = length }

  /// - Parameter toleratesRepetition: whether a repeated Content-Length is accepted once, as RFC 9110 §8.6 allows.
  init(_ lines: [FieldLine], _ bytes: Span<UInt8>, toleratesRepetition: Bool) throws(MessageFault) {
    for line in lines {
      switch line.name {
      case .contentLength:
        let value = try Self.length(bytes.extracting(line.valueRange))
        guard length == nil || toleratesRepetition && length == value else { throw .contentLength }
        length = value
      case .transferEncoding:
        guard !isChunked, bytes.extracting(line.valueRange).equals(lowercased: "chunked") else {
          throw .transferEncoding
        }
        isChunked = true
      default: break
      }
    }
  }

  private static func length(_ digits: Span<UInt8>) throws(MessageFault) -> UInt64 {
    // 18 digits never overflow.
    guard (1...18).contains(digits.count) else { throw .contentLength }
    var value: UInt64 = 0
    for index in digits.indices {
      guard digits[index].isDigit else { throw .contentLength }
      value = value * 10 + UInt64(digits[index] - 0x30)
    }
    return value
  }
}
