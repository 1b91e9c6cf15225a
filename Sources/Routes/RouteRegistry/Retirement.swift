/// Routes that were taken out while readers may still look at them; let go when each of the readers has left.
struct Retirement: Sendable {
  private struct Batch: Sendable {
    var routes: [RegisteredRoute]
    /// Readers that began before the batch was closed and may not have left.
    var readers = Readers.SlotSet.max
  }

  /// To look at the readers costs them and the writer more than to keep a few routes a while longer.
  private static let batchSize = 32

  private var open: [RegisteredRoute] = []
  private var closed: [Batch] = []
  /// How often something was written since the readers were looked at.
  private var age = 0

  /// Takes over a reference to what readers may still look at.
  mutating func retire(_ route: ActiveRoutes.Reference?) {
    if let route { open.append(route.takeRetainedValue()) }
  }

  /// Never waits: who reads for long delays only what it may look at. Fewer than a batch of routes stay behind until more is
  /// written.
  mutating func letGo(unseenBy readers: Readers) {
    age += 1
    guard age >= Self.batchSize || open.count >= Self.batchSize else { return }
    age = 0
    if !open.isEmpty { closed.append(Batch(routes: open)) }
    open.removeAll(keepingCapacity: open.count <= Self.batchSize)
    guard !closed.isEmpty else { return }
    let busy = readers.stillClaimed(.max)
    for index in closed.indices { closed[index].readers &= busy }
    closed.removeAll { $0.readers == 0 }
  }
}
