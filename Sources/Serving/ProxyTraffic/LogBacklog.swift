/// Lines that wait for the disk, and the number of those that did not fit.
struct LogBacklog {
  /// About 4000 requests.
  static let capacity = 1 << 20

  private(set) var bytes: [UInt8] = []
  private(set) var dropped = 0
  /// Whether a drain is already scheduled.
  private var isDrainDue = false

  enum Addition { case added, drainIsDue, dropped }

  /// Returns `drainIsDue` if the buffer is half full and no drain is scheduled.
  mutating func add(_ line: AccessLine) -> Addition {
    guard bytes.count + line.bytes.count <= Self.capacity else {
      dropped += 1
      return .dropped
    }
    bytes.append(contentsOf: line.bytes)
    return bytes.count >= Self.capacity / 2 && claimDrain() ? .drainIsDue : .added
  }

  /// Whether the caller has to schedule the next ``removeAll(reusing:)``.
  mutating func claimDrain() -> Bool {
    defer { isDrainDue = true }
    return !isDrainDue
  }

  /// Removes and returns all lines; `spare` becomes the storage of the next ones.
  mutating func removeAll(reusing spare: consuming [UInt8]) -> LogBacklog {
    spare.removeAll(keepingCapacity: true)
    let removed = self
    (bytes, dropped, isDrainDue) = (spare, 0, false)
    return removed
  }
}
