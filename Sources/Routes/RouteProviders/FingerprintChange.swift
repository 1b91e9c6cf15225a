/// When a change of the files is over: it shows in one look and still stands in the next.
///
/// Editors write in several steps, and half a file is no file.
struct FingerprintChange: Sendable {
  private var known: [String]
  private var pending: [String]?

  init(known: [String]) { self.known = known }

  /// Takes what the files look like now; true once for each change that has settled.
  mutating func look(_ current: [String]) -> Bool {
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
