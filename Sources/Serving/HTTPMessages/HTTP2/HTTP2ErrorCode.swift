/// Why a stream or a connection ends (RFC 9113 §7).
package struct HTTP2ErrorCode: Hashable, Sendable {
  package let rawValue: UInt32

  init(_ rawValue: UInt32) { self.rawValue = rawValue }

  package static let noError = HTTP2ErrorCode(0)
  package static let protocolError = HTTP2ErrorCode(1)
  package static let internalError = HTTP2ErrorCode(2)
  package static let flowControlError = HTTP2ErrorCode(3)
  package static let streamClosed = HTTP2ErrorCode(5)
  package static let frameSizeError = HTTP2ErrorCode(6)
  package static let refusedStream = HTTP2ErrorCode(7)
  package static let cancel = HTTP2ErrorCode(8)
  package static let compressionError = HTTP2ErrorCode(9)
  package static let enhanceYourCalm = HTTP2ErrorCode(11)
}
