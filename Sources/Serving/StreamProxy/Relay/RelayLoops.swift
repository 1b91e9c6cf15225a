import LinuxSystem
import Synchronization

/// The threads that relay between sockets, each started with its first relay.
final class RelayLoops: Sendable {
  private struct State {
    /// Nil if the thread has not been started.
    var loops: [Inbox<RelayLoop.Message>?]
    var next = 0
    var isShutDown = false
  }

  private let state: Mutex<State>

  init(threads: Int) { state = Mutex(State(loops: Array(repeating: nil, count: threads))) }

  deinit { for loop in close() { _ = loop.post(.shutdown(nil)) } }

  /// Returns the inbox of the next thread in turn; nil after the shutdown, or if no thread can be started.
  func next() -> Inbox<RelayLoop.Message>? {
    state.withLock { state in
      guard !state.isShutDown else { return nil }
      let place = state.next % state.loops.count
      state.next = place + 1
      if state.loops[place] == nil { state.loops[place] = try? RelayLoop.start() }
      return state.loops[place]
    }
  }

  /// Frees descriptors by ending the relays that have been silent for longest.
  func makeRoom() { for loop in state.withLock({ $0.loops.compactMap { $0 } }) { _ = loop.post(.makeRoom) } }

  /// Ends all relays and threads, and waits for them.
  func shutdown() async {
    for loop in close() {
      await withCheckedContinuation { done in
        if !loop.post(.shutdown(done)) { done.resume() }
      }
    }
  }

  private func close() -> [Inbox<RelayLoop.Message>] {
    state.withLock { state in
      defer { (state.loops, state.isShutDown) = ([], true) }
      return state.loops.compactMap { $0 }
    }
  }
}
