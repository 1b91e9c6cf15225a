import Synchronization

/// A caller's request to the transfer thread.
struct Submission: Sendable {
  enum Delivery: Sendable {
    /// Return the answer with its whole body.
    case collect
    /// Return the answer once its headers have arrived, and stream the body through this buffer.
    case stream(BodyBuffer)
    /// Connect over TCP without a request.
    case connect
  }

  typealias Answer = CheckedContinuation<Result<HTTPResponse, HTTPTransportError>, Never>

  var request: HTTPRequest
  var target: RequestTarget
  /// Nil if no look-up was needed.
  var found: FoundAddresses?
  /// The CAs of `TrustPolicy.caFile`, as PEM.
  var authorities: [UInt8]?
  /// When the caller's time limits began.
  var start = ContinuousClock.now
  var delivery: Delivery
  var ticket: TransferTicket
  var answer: Answer

  /// Fails a submission that does not become a transfer.
  func refuse(_ error: HTTPTransportError) {
    if case .stream(let buffer) = delivery { buffer.finish(error) }
    answer.resume(returning: .failure(error))
  }
}

/// The result of a name's look-up, and its duration.
struct FoundAddresses: Sendable {
  var addresses: [String]
  var time: Duration
}

/// Identifies a transfer on both sides of the inbox.
final class TransferTicket: Sendable {
  private let cancelled = Atomic(false)

  /// Checked when the submission arrives: a task that is cancelled early posts its cancellation before its start.
  var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

  func cancel() { cancelled.store(true, ordering: .releasing) }
}
