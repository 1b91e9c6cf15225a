import Synchronization

/// What a caller hands to the transfer thread.
struct Submission: Sendable {
  enum Delivery: Sendable {
    /// The whole body in the answer.
    case collect
    /// The answer once its headers are in, the body through this buffer.
    case stream(BodyBuffer)
    /// A TCP connect and no request.
    case connect
  }

  typealias Answer = CheckedContinuation<Result<HTTPResponse, HTTPTransportError>, Never>

  var request: HTTPRequest
  var target: RequestTarget
  /// Nil where nothing had to be looked up.
  var found: FoundAddresses?
  var delivery: Delivery
  var ticket: TransferTicket
  var answer: Answer

  /// For a submission that never becomes a transfer.
  func refuse(_ error: HTTPTransportError) {
    if case .stream(let buffer) = delivery { buffer.finish(error) }
    answer.resume(returning: .failure(error))
  }
}

/// What the look-up of a name found, and how long it took.
struct FoundAddresses: Sendable {
  var addresses: [String]
  var time: Duration
}

/// A transfer's identity on both sides of the inbox.
final class TransferTicket: Sendable {
  private let cancelled = Atomic(false)

  /// Read where the submission arrives: a task that is cancelled early posts its cancellation before its start.
  var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

  func cancel() { cancelled.store(true, ordering: .releasing) }
}
