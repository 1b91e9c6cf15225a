import Foundation
package import NameResolution
import Synchronization

/// Scripted name lookups: known names, and others for which no nameserver answers until the test ends the silence.
package final class ScriptedNames: Sendable {
  fileprivate struct State {
    var isSilent = true
    var waiting = 0
    var maxWaiting = 0
    var asked: [String] = []
  }

  package let resolver: NameResolver
  private let silence: Silence

  /// - Parameter known: addresses by name; `gone` names do not exist; for `short` ones this process lacks a descriptor.
  package init(
    _ known: [String: [String]] = [:], gone: Set<String> = [], short: Set<String> = [], maxThreads: Int = 4
  ) {
    let silence = Silence()
    self.silence = silence
    resolver = NameResolver(maxThreads: maxThreads) { name in
      silence.note(name)
      if let addresses = known[name] { return .success(addresses) }
      if short.contains(name) { return .failure(.shortage(reason: "Too many open files")) }
      if gone.contains(name) { return .failure(.doesNotExist(times: 1)) }
      silence.wait()
      return .failure(.unavailable(reason: "no nameserver answers"))
    }
  }

  deinit { silence.end() }

  /// The names that were looked up, in order.
  package var asked: [String] { silence.state.withLock { $0.asked } }
  /// The number of unanswered lookups.
  package var waiting: Int { silence.state.withLock { $0.waiting } }
  /// The maximum number of unanswered lookups so far.
  package var maxWaiting: Int { silence.state.withLock { $0.maxWaiting } }

  package func endSilence() { silence.end() }

  private final class Silence: Sendable {
    private let condition = NSCondition()
    let state = Mutex(State())

    func note(_ name: String) { state.withLock { $0.asked.append(name) } }

    func wait() {
      condition.lock()
      defer { condition.unlock() }
      state.withLock { state in
        state.waiting += 1
        state.maxWaiting = max(state.maxWaiting, state.waiting)
      }
      while state.withLock({ $0.isSilent }) { condition.wait() }
      state.withLock { $0.waiting -= 1 }
    }

    func end() {
      condition.lock()
      state.withLock { $0.isSilent = false }
      condition.broadcast()
      condition.unlock()
    }
  }
}
