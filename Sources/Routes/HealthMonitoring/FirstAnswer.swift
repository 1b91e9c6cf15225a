import Synchronization

/// Resumes a waiting task with the first of several answers.
final class FirstAnswer<Value: Sendable>: Sendable {
  private enum State {
    case open(CheckedContinuation<Value, Never>?)
    case answered(Value, delivered: Bool)
  }

  private let state = Mutex<State>(.open(nil))

  /// Resumes at once if the answer is there already.
  func awaited(by continuation: CheckedContinuation<Value, Never>) {
    let early: Value? = state.withLock { state in
      if case .answered(let value, delivered: false) = state {
        state = .answered(value, delivered: true)
        return value
      }
      state = .open(continuation)
      return nil
    }
    if let early { continuation.resume(returning: early) }
  }

  /// Whether this was the first answer.
  @discardableResult
  func give(_ value: Value) -> Bool {
    let (isFirst, waiting) = state.withLock { state -> (Bool, CheckedContinuation<Value, Never>?) in
      guard case .open(let waiting) = state else { return (false, nil) }
      state = .answered(value, delivered: waiting != nil)
      return (true, waiting)
    }
    waiting?.resume(returning: value)
    return isFirst
  }
}
