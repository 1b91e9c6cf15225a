/// What was taken out while readers may still look at it; let go when each of them has left.
struct Retirement: Sendable {
  private struct Batch: Sendable {
    var objects: [any AnyObject & Sendable]
    /// Readers that began before the batch was closed and may not have left.
    var readers = Readers.SlotSet.max
  }

  /// Looking at the readers costs more than keeping a few objects a while longer.
  private static let batchSize = 32

  private var open: [any AnyObject & Sendable] = []
  private var closed: [Batch] = []

  mutating func retire(_ object: (any AnyObject & Sendable)?) {
    if let object { open.append(object) }
  }

  /// Never waits: who reads for long delays only what it may look at.
  mutating func letGo(unseenBy readers: Readers) {
    if open.count >= Self.batchSize {
      closed.append(Batch(objects: open))
      open.removeAll(keepingCapacity: true)
    }
    for index in closed.indices { closed[index].readers = readers.stillClaimed(closed[index].readers) }
    if !closed.isEmpty { closed.removeAll { $0.readers == 0 } }
  }
}
