import CLinux
import Glibc
import Synchronization

/// The message queue of a thread that waits for events: messages behind a lock, and an eventfd that wakes the thread.
package final class Inbox<Message: Sendable>: Sendable {
  private struct State {
    var messages: [Message] = []
    var isClosed = false
  }

  private let state = Mutex(State())
  /// Readable while messages are waiting.
  package let wakeup: Int32

  package init() throws(SystemError) {
    wakeup = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
    guard wakeup >= 0 else { throw SystemError("eventfd") }
  }

  deinit { close(wakeup) }

  /// Returns false if the thread no longer accepts messages.
  package func post(_ message: Message) -> Bool {
    let (accepted, wasEmpty) = state.withLock { state in
      guard !state.isClosed else { return (false, false) }
      defer { state.messages.append(message) }
      return (true, state.messages.isEmpty)
    }
    if wasEmpty { eventfd_write(wakeup, 1) }
    return accepted
  }

  /// Returns all messages so far, in the order posted.
  package func drain() -> [Message] {
    var count: eventfd_t = 0
    // Before the lock: a message that arrives in between only causes a superfluous wake-up.
    eventfd_read(wakeup, &count)
    return state.withLock { state in
      defer { state.messages = [] }
      return state.messages
    }
  }

  /// Stops accepting messages; returns those that were not drained.
  package func closeForGood() -> [Message] {
    state.withLock { state in
      defer { state.messages = [] }
      state.isClosed = true
      return state.messages
    }
  }
}
