/// The result of one delivery attempt. The reasons contain no secrets.
enum DeliveryResult: Hashable, Sendable {
  /// - Parameter answer: such as `it answered 200`.
  case delivered(answer: String)
  /// Worth a retry, not before the delay that the receiver asked for.
  case failed(reason: String, retryAfter: Duration? = nil)
  /// A retry would be refused again.
  case refused(reason: String)
}
