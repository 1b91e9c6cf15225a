/// What became of one try to tell something. The reasons hold no secret.
enum DeliveryResult: Hashable, Sendable {
  case delivered
  /// To be tried again, at the earliest after what the receiver asked for.
  case failed(reason: String, retryAfter: Duration? = nil)
  /// Would be refused again.
  case refused(reason: String)
}
