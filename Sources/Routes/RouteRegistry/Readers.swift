import Glibc
import Synchronization

/// Who reads just now: each reader claims a slot for as long as it looks, so that the writer knows what nobody looks at any
/// more.
///
/// A claim is one atomic operation on a cache line that no other thread is at, as a rule: threads begin at slots of their own.
// Unchecked: the slots are atomics, allocated once and for all.
@usableFromInline
final class Readers: @unchecked Sendable {
  /// A bit for each slot.
  typealias SlotSet = UInt64

  private static var slotCount: Int { SlotSet.bitWidth }
  /// In words: two cache lines, which processors fetch in pairs.
  private static var stride: Int { 16 }

  private let slots: UnsafeMutablePointer<Atomic<UInt>>

  init() {
    slots = .allocate(capacity: Self.slotCount * Self.stride)
    for index in 0..<Self.slotCount * Self.stride { (slots + index).initialize(to: Atomic(0)) }
  }

  deinit {
    slots.deinitialize(count: Self.slotCount * Self.stride)
    slots.deallocate()
  }

  /// Claims a slot: nothing that is found from now on is freed until it is left. Who reads may read again meanwhile, and
  /// must not take long.
  @inline(__always)
  func enter() -> Int {
    var slot = Self.firstSlot
    while true {
      let place = slot * Self.stride
      if slots[place].compareExchange(expected: 0, desired: 1, ordering: .sequentiallyConsistent).exchanged {
        return place
      }
      slot = (slot + 1) % Self.slotCount
      if slot == Self.firstSlot { sched_yield() }
    }
  }

  // Not inlined: what a caller does with a route before it leaves must not be moved behind the store.
  @usableFromInline @inline(never)
  func leave(_ slot: Int) { slots[slot].store(0, ordering: .releasing) }

  /// Those of some slots that are not free at this moment.
  func stillClaimed(_ slots: SlotSet) -> SlotSet {
    // After the stores that took things out, ``RouteRegistry/progress`` the last: who claims later does not find them.
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    var claimed = slots
    for index in 0..<Self.slotCount where claimed & 1 << UInt64(index) != 0 {
      if self.slots[index * Self.stride].load(ordering: .sequentiallyConsistent) == 0 {
        claimed &= ~(1 << UInt64(index))
      }
    }
    return claimed
  }

  /// Where this thread begins.
  private static var firstSlot: Int {
    let thread = UInt64(pthread_self())
    return Int(truncatingIfNeeded: (thread &* 0x9e37_79b9_7f4a_7c15) >> 58)
  }
}
