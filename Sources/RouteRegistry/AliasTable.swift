import RouteModel
import Synchronization

/// Entries by alias: open addressing with linear probing. One writer changes it in place while any number of readers look.
///
/// A change of an entry is one store, and a removed entry leaves a mark that probes pass, so a reader follows a probe to its
/// end without a lock. A table that is full of entries and marks is replaced by a new one: O(1) a change over time, in
/// whatever order entries go.
// Unchecked: the slots are atomics. What a reader may still look at is kept alive by `Retirement`.
final class AliasTable: @unchecked Sendable {
  private struct Slot: ~Copyable {
    /// A pointer to an `AliasEntry` that the table owns, or one of the two below.
    let entry = Atomic<UInt>(AliasTable.empty)
    let hash = Atomic<UInt64>(0)
  }

  private static var empty: UInt { 0 }
  /// Where an entry was; a probe goes on behind it.
  private static var removed: UInt { 1 }

  private let slots: UnsafeMutablePointer<Slot>
  private let mask: Int
  /// Slots that hold an entry or a mark. The writer's.
  private var used = 0
  /// The writer's.
  private(set) var count = 0
  private let wildcards = Atomic(0)

  init(minimumCapacity: Int = 0) {
    var capacity = 16
    while capacity < minimumCapacity * 4 { capacity *= 2 }
    mask = capacity - 1
    slots = .allocate(capacity: capacity)
    for index in 0..<capacity { (slots + index).initialize(to: Slot()) }
  }

  deinit {
    for index in 0...mask { entry(slots[index].entry.load(ordering: .relaxed))?.release() }
    slots.deinitialize(count: mask + 1)
    slots.deallocate()
  }

  /// The entry of that key. It is for looking at while `Readers` know of it, and its table.
  @inline(__always)
  func find(_ key: AliasKey, _ name: String) -> Unmanaged<AliasEntry>? {
    var index = Int(truncatingIfNeeded: key.hash) & mask
    while true {
      let bits = slots[index].entry.load(ordering: .sequentiallyConsistent)
      if bits == Self.empty { return nil }
      if slots[index].hash.load(ordering: .relaxed) == key.hash, let entry = entry(bits),
        entry._withUnsafeGuaranteedRef({ $0.matches(key, name) })
      {
        return entry
      }
      index = (index + 1) & mask
    }
  }

  /// Whether there is an alias of the kind `*.example.org`.
  var hasWildcards: Bool { wildcards.load(ordering: .sequentiallyConsistent) > 0 }

  @inline(__always)
  private func entry(_ bits: UInt) -> Unmanaged<AliasEntry>? {
    bits == Self.removed ? nil : UnsafeRawPointer(bitPattern: bits).map(Unmanaged.fromOpaque)
  }
}

// What the writer does.
extension AliasTable {
  func hasRoom(for more: Int) -> Bool { (used + more) * 2 <= mask + 1 }

  /// A table with the same entries, no marks, and room for so many more and then as many again.
  func grown(by more: Int) -> AliasTable {
    let table = AliasTable(minimumCapacity: count + more)
    forEach { table.put($0) }
    return table
  }

  func entry(_ key: AliasKey, _ name: String) -> AliasEntry? { find(key, name)?.takeUnretainedValue() }

  /// The pool in which the route of that id is.
  func pool(of id: RouteID, _ key: AliasKey) -> RoutePool? {
    find(key, id.alias.folded)?._withUnsafeGuaranteedRef { $0.holders.pool(of: id) }
  }

  func forEach(_ body: (AliasEntry) -> Void) {
    for index in 0...mask {
      if let entry = entry(slots[index].entry.load(ordering: .relaxed)) { body(entry.takeUnretainedValue()) }
    }
  }

  /// Puts an entry in, in place of the one with its key, which is returned: a reader may still look at it.
  @discardableResult
  func put(_ entry: AliasEntry) -> AliasEntry? {
    let bits = UInt(bitPattern: Unmanaged.passRetained(entry).toOpaque())
    let place = place(of: entry.key, entry.folded)
    if place.isTaken {
      return self.entry(slots[place.index].entry.exchange(bits, ordering: .sequentiallyConsistent))?.takeRetainedValue()
    }
    if slots[place.index].entry.load(ordering: .relaxed) == Self.empty { used += 1 }
    count += 1
    if entry.isWildcard { wildcards.add(1, ordering: .sequentiallyConsistent) }
    slots[place.index].hash.store(entry.key.hash, ordering: .relaxed)
    slots[place.index].entry.store(bits, ordering: .sequentiallyConsistent)
    return nil
  }

  /// Takes an entry out: a reader may still look at it.
  func remove(_ key: AliasKey, _ name: String) -> AliasEntry? {
    let place = place(of: key, name)
    guard place.isTaken else { return nil }
    count -= 1
    let old = slots[place.index].entry.exchange(Self.removed, ordering: .sequentiallyConsistent)
    clearMarks(upTo: place.index)
    let entry = entry(old)?.takeRetainedValue()
    if entry?.isWildcard ?? false { wildcards.subtract(1, ordering: .sequentiallyConsistent) }
    return entry
  }

  /// Marks that end a run lead no probe anywhere.
  private func clearMarks(upTo last: Int) {
    guard slots[(last + 1) & mask].entry.load(ordering: .relaxed) == Self.empty else { return }
    var index = last
    while slots[index].entry.load(ordering: .relaxed) == Self.removed {
      slots[index].entry.store(Self.empty, ordering: .sequentiallyConsistent)
      used -= 1
      index = (index - 1) & mask
    }
  }

  /// Where the entry of that key is, or where it would go: the first mark or the empty slot of its probe.
  private func place(of key: AliasKey, _ name: String) -> (index: Int, isTaken: Bool) {
    var index = Int(truncatingIfNeeded: key.hash) & mask
    var free: Int?
    while true {
      let bits = slots[index].entry.load(ordering: .relaxed)
      if bits == Self.empty { return (free ?? index, false) }
      if let entry = entry(bits) {
        if entry._withUnsafeGuaranteedRef({ $0.matches(key, name) }) { return (index, true) }
      } else if free == nil {
        free = index
      }
      index = (index + 1) & mask
    }
  }
}
