import Synchronization

/// The bytes of a streamed body between the transfer thread and their reader; bounded.
final class BodyBuffer: Sendable {
  static let capacity = 256 << 10

  fileprivate typealias Reader = CheckedContinuation<Result<[UInt8]?, HTTPTransportError>, Never>

  fileprivate struct State {
    var bytes: [UInt8] = []
    var isPaused = false
    /// Set once the body is complete or has failed.
    var end: Result<[UInt8]?, HTTPTransportError>?
    var reader: Reader?
  }

  private let state = Mutex(State())

  var hasReader: Bool { state.withLock { $0.reader != nil } }

  /// Adds received bytes. Returns false if the buffer is full: the transfer pauses until a reader makes room.
  func offer(_ bytes: some Collection<UInt8>) -> Bool {
    state.withLock { state in
      if let reader = state.reader {
        state.reader = nil
        reader.resume(returning: .success(Array(bytes)))
        return true
      }
      guard state.bytes.count < Self.capacity else {
        state.isPaused = true
        return false
      }
      state.bytes.append(contentsOf: bytes)
      return true
    }
  }

  /// Ends the body. Buffered bytes can still be read; only the first call has an effect.
  func finish(_ error: HTTPTransportError? = nil) {
    state.withLock { state in
      guard state.end == nil else { return }
      let end: Result<[UInt8]?, HTTPTransportError> = error.map { .failure($0) } ?? .success(nil)
      state.end = end
      state.reader?.resume(returning: end)
      state.reader = nil
    }
  }

  /// All buffered bytes, at least one; nil at the end. Calls `makeRoom` if the transfer waits for room.
  func next(makeRoom: () -> Void) async throws(HTTPTransportError) -> [UInt8]? {
    let result = await withCheckedContinuation { (reader: Reader) in
      let (result, wasPaused) = state.withLock { state in state.read(reader) }
      if wasPaused { makeRoom() }
      if let result { reader.resume(returning: result) }
    }
    return try result.get()
  }
}

extension BodyBuffer.State {
  /// The result for `reader`; nil if it has to wait.
  fileprivate mutating func read(
    _ reader: BodyBuffer.Reader
  ) -> (result: Result<[UInt8]?, HTTPTransportError>?, wasPaused: Bool) {
    if !bytes.isEmpty {
      defer { (bytes, isPaused) = ([], false) }
      return (.success(bytes), isPaused)
    }
    if let end { return (end, false) }
    // A stream has one reader; a second concurrent one gets the end.
    guard self.reader == nil else { return (.success(nil), false) }
    self.reader = reader
    return (nil, false)
  }
}

/// The reader's end of a streamed body; releasing it ends the transfer.
final class StreamedBody: Sendable {
  let buffer = BodyBuffer()
  /// Retained, because releasing the client would end the transfer.
  private let client: HTTPClient
  private let ticket: TransferTicket
  private let inbox: TransferInbox

  init(client: HTTPClient, ticket: TransferTicket, inbox: TransferInbox) {
    self.client = client
    self.ticket = ticket
    self.inbox = inbox
  }

  deinit { cancel() }

  func next() async throws(HTTPTransportError) -> [UInt8]? {
    let result = await withTaskCancellationHandler {
      do throws(HTTPTransportError) {
        return Result<[UInt8]?, HTTPTransportError>.success(
          try await buffer.next { inbox.post(.resume(ticket)) })
      } catch {
        return .failure(error)
      }
    } onCancel: {
      buffer.finish(.cancelled)
      cancel()
    }
    return try result.get()
  }

  private func cancel() {
    ticket.cancel()
    inbox.post(.cancel(ticket))
  }
}
