/// Detects when a change of files is complete: when two consecutive polls show the same new state.
///
/// Editors write in several steps, and a half-written file must not be loaded.
struct FingerprintChange: Sendable {
  private var known: [String]
  private var pending: [String]?

  init(known: [String]) { self.known = known }

  /// Compares the current fingerprints; returns true once for each change that has settled.
  mutating func record(_ current: [String]) -> Bool {
    if current == known {
      pending = nil
      return false
    }
    if current == pending {
      (known, pending) = (current, nil)
      return true
    }
    pending = current
    return false
  }
}
