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

  /// Takes over what readers may still look at. A table is heavy, so it is not kept waiting for company.
  mutating func retire(_ object: (any AnyObject & Sendable)?) {
    guard let object else { return }
    open.append(object)
    if object is AliasTable { close() }
  }

  /// Never waits: who reads for long delays only what it may look at. Fewer than a batch of entries stay behind until more
  /// come.
  mutating func letGo(unseenBy readers: Readers) {
    if open.count >= Self.batchSize { close() }
    guard !closed.isEmpty else { return }
    let busy = readers.stillClaimed(.max)
    for index in closed.indices { closed[index].readers &= busy }
    closed.removeAll { $0.readers == 0 }
  }

  private mutating func close() {
    closed.append(Batch(objects: open))
    open.removeAll(keepingCapacity: true)
  }
}
