import Dispatch

extension Duration {
  /// As Dispatch counts.
  var asInterval: DispatchTimeInterval {
    .nanoseconds(Int(components.seconds) * 1_000_000_000 + Int(components.attoseconds / 1_000_000_000))
  }
}
