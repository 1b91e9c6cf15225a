import CCurl
import Glibc
import Synchronization

/// The way into the transfer thread: messages behind a lock, and an eventfd that wakes the thread up.
final class TransferInbox: Sendable {
  enum Message: Sendable {
    case start(Submission)
    case exchange(DatagramSubmission)
    case cancel(TransferTicket)
    /// The reader of a paused stream has made room.
    case resume(TransferTicket)
    case shutdown
  }

  private struct State {
    var messages: [Message] = []
    var isClosed = false
  }

  private let state = Mutex(State())
  /// Readable while messages wait.
  let wakeup: Int32

  init() throws(SystemError) {
    wakeup = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
    guard wakeup >= 0 else { throw SystemError("eventfd") }
  }

  deinit { close(wakeup) }

  /// After the thread's end a start is refused with `closed`; everything else has nothing left to act on.
  func post(_ message: Message) {
    let (accepted, wasEmpty) = state.withLock { state in
      guard !state.isClosed else { return (false, false) }
      defer { state.messages.append(message) }
      return (true, state.messages.isEmpty)
    }
    if wasEmpty { eventfd_write(wakeup, 1) }
    if !accepted { message.refuse(.closed) }
  }

  /// All messages so far, in the order posted.
  func drain() -> [Message] {
    var count: eventfd_t = 0
    // Before the lock: a message that comes between the two only wakes the thread once for nothing.
    eventfd_read(wakeup, &count)
    return state.withLock { state in
      defer { state.messages = [] }
      return state.messages
    }
  }

  /// Takes no more messages; tells those that were not drained.
  func closeForGood() -> [Message] {
    state.withLock { state in
      defer { state.messages = [] }
      state.isClosed = true
      return state.messages
    }
  }
}

extension TransferInbox.Message {
  /// Tells who waits for an answer, if anybody does, that there will be none.
  func refuse(_ error: HTTPTransportError) {
    switch self {
    case .start(let submission): submission.refuse(error)
    case .exchange(let submission): submission.answer.resume(returning: .failure(error))
    case .cancel, .resume, .shutdown: break
    }
  }
}
