import LinuxSystem

/// Sends messages to the transfer thread.
final class TransferInbox: Sendable {
  enum Message: Sendable {
    case start(Submission)
    case exchange(DatagramSubmission)
    case cancel(TransferTicket)
    /// The reader of a paused stream has made room.
    case resume(TransferTicket)
    case shutdown
  }

  private let messages: Inbox<Message>
  /// Readable while messages wait.
  var wakeup: Int32 { messages.wakeup }

  init() throws(SystemError) { messages = try Inbox() }

  /// After the thread's end, a start is refused with `closed`; other messages have no effect.
  func post(_ message: Message) {
    if !messages.post(message) { message.refuse() }
  }

  /// All messages so far, in the order posted.
  func drain() -> [Message] { messages.drain() }

  /// Stops accepting messages, and refuses those that were not drained.
  func closeForGood() {
    for message in messages.closeForGood() { message.refuse() }
  }
}

extension TransferInbox.Message {
  /// Fails the waiting caller, if the message has one.
  func refuse(_ error: HTTPTransportError = .closed) {
    switch self {
    case .start(let submission): submission.refuse(error)
    case .exchange(let submission): submission.answer.resume(returning: .failure(error))
    case .cancel, .resume, .shutdown: break
    }
  }
}
