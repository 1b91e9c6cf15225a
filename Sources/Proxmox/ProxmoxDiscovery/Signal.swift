/// Wakes one waiting loop; several signals before that wake it once.
struct Signal: Sendable {
  private let stream: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation

  init() { (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

  func raise() { continuation.yield() }

  /// An element for each signal, until the waiting task is cancelled. For one loop at a time.
  var raised: AsyncStream<Void> { stream }
}
