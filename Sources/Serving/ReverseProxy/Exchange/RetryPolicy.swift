import HTTPMessages

/// How the connection or stream to an upstream ended before its response was complete.
enum UpstreamLoss: Hashable {
  /// The upstream has declared that it ignored the request (RFC 9113 §8.7).
  case unprocessed
  /// Without a byte of the response, on a connection that was used before: the upstream may have been about to close it
  /// (RFC 9112 §9.3.1).
  case onReusedConnection
  /// On a new connection, or after a part of the response.
  case final
}

/// The rule for sending a request again after the upstream was lost.
struct RetryPolicy {
  /// Limit of all retries while the upstream ignores the request.
  static let maxRetriesOfUnprocessed = 3
  /// Limit of all retries if the upstream may have processed the request.
  static let maxRetries = 1

  private var retries = 0

  /// Whether the request is sent again, on another connection. Counts the retry.
  mutating func retries(_ method: RequestMethod, _ request: RequestProgress, after loss: UpstreamLoss) -> Bool {
    switch loss {
    case .unprocessed:
      // Forwarded parts of a body are not kept, so they cannot be sent again.
      guard request == .bodyless || request == .head, retries < Self.maxRetriesOfUnprocessed else { return false }
    case .onReusedConnection:
      guard request == .bodyless, method.isIdempotent, retries < Self.maxRetries else { return false }
    case .final: return false
    }
    retries += 1
    return true
  }
}
