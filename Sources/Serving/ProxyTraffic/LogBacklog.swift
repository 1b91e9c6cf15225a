/// Lines on their way to the disk, and how many found no room.
struct LogBacklog {
  /// Some 4000 requests.
  static let capacity = 1 << 20

  private(set) var bytes: [UInt8] = []
  private(set) var dropped = 0
  /// Somebody is on the way to take what is here.
  private var isDrainDue = false

  enum Addition { case taken, drainIsDue, dropped }

  /// `drainIsDue` where the buffer is half full and nobody was told.
  mutating func add(_ line: AccessLine) -> Addition {
    guard bytes.count + line.bytes.count <= Self.capacity else {
      dropped += 1
      return .dropped
    }
    bytes.append(contentsOf: line.bytes)
    return bytes.count >= Self.capacity / 2 && claimDrain() ? .drainIsDue : .taken
  }

  /// Whether the caller is the one to see to the next ``take(leaving:)``.
  mutating func claimDrain() -> Bool {
    defer { isDrainDue = true }
    return !isDrainDue
  }

  /// Hands over what is there. `spare` is the storage to go on with.
  mutating func take(leaving spare: consuming [UInt8]) -> LogBacklog {
    spare.removeAll(keepingCapacity: true)
    let taken = self
    (bytes, dropped, isDrainDue) = (spare, 0, false)
    return taken
  }
}
