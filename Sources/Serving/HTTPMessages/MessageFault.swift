/// Why a message is refused. The text is for its sender.
package enum MessageFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// The first line is not one of HTTP/1.1 (RFC 9112 §3, §4).
  case startLine
  /// Another major version than 1.
  case version
  /// CONNECT, or a target that is neither a path nor a URL of `http` or `https` (RFC 9112 §3.2).
  case target
  /// Non-ASCII bytes in the target (RFC 3986 §2.1).
  case targetCharacter
  /// In HTTP/2, a scheme other than the connection's (RFC 9113 §8.3.1).
  case scheme
  /// A field line with a bad name, a bad character, a fold, or no colon (RFC 9112 §5).
  case fieldLine
  /// A line that ends in LF alone, or a CR in the middle of one (RFC 9112 §2.2).
  case lineEnding
  case headTooLarge(limit: Int)
  case tooManyFields(limit: Int)
  /// A Content-Length that is not a number or occurs twice (RFC 9112 §6.3).
  case contentLength
  /// Transfer-Encoding other than `chunked`, beside Content-Length, or in HTTP/1.0 (RFC 9112 §6.1).
  case transferEncoding
  /// Content-Length or Transfer-Encoding written with `_`, which some servers take for the field itself.
  case doubtfulFraming
  /// No Host, more than one, or an invalid one (RFC 9112 §3.2).
  case host
  /// Invalid chunk framing (RFC 9112 §7.1).
  case chunk
  /// The connection ended in the middle of the message.
  case truncated

  package var description: String {
    switch self {
    case .startLine: "the first line is no HTTP/1.1 start line"
    case .version: "the HTTP version is not 1.0 or 1.1"
    case .target: "the request target must be a path, such as /index.html"
    case .targetCharacter: "the request target holds a character that is not ASCII, and not percent-encoded"
    case .scheme: "the request's scheme (:scheme) must be https over TLS, and http without it"
    case .fieldLine: "a header field line is malformed"
    case .lineEnding: "lines must end in CR LF"
    case .headTooLarge(let limit): "the header section is longer than \(limit) bytes"
    case .tooManyFields(let limit): "there are more than \(limit) header fields"
    case .contentLength: "Content-Length must be one number"
    case .transferEncoding: "Transfer-Encoding must be 'chunked' alone, without Content-Length"
    case .doubtfulFraming: "Content-Length and Transfer-Encoding must be written with '-', not '_'"
    case .host: "exactly one Host header field with a host name is needed"
    case .chunk: "the chunked body is malformed"
    case .truncated: "the message ended early"
    }
  }
}

/// Limits for a message; a larger one is refused.
package struct MessageLimits: Hashable, Sendable {
  /// The first line, all fields and the empty line together, at most ``maxHeadBytes``; also all trailers.
  package var headBytes = 32 * 1024 { didSet { headBytes = min(headBytes, Self.maxHeadBytes) } }
  package var fieldCount = 128
  /// The line before a chunk: its size and extensions, which are not used in practice.
  package var chunkLineBytes = 256

  /// Offsets into a head have 16 bits.
  package static let maxHeadBytes = Int(UInt16.max)

  package init() {}
}
