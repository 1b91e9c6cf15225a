/// Wakes one waiting loop; however often it is raised before that, once.
struct Signal: Sendable {
  private let stream: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation

  init() { (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

  func raise() { continuation.yield() }

  /// Each time it was raised, until the waiting task is cancelled. For one loop at a time.
  var raised: AsyncStream<Void> { stream }
}
