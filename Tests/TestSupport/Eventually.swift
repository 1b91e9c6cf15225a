/// Polls until a condition holds; fails the test only after a time that even slow machines do not need.
///
/// The only way in which tests wait: no test sleeps for a fixed time. `what` is evaluated only at the end, so it may
/// describe what was found instead.
@discardableResult
package func eventually<Value>(
  within limit: Duration = .seconds(180), every pause: Duration = .milliseconds(20), _ what: @autoclosure () -> String,
  _ condition: () async throws -> Value?
) async throws -> Value {
  let deadline = ContinuousClock.now + limit
  while true {
    if let value = try await condition() { return value }
    if ContinuousClock.now >= deadline { throw NeverHappened(what: what(), limit: limit) }
    try await Task.sleep(for: pause)
  }
}

package struct NeverHappened: Error, CustomStringConvertible {
  package var what: String
  package var limit: Duration
  package var description: String { "did not happen within \(limit): \(what)" }
}
