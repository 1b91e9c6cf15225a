import RouteModel
import Synchronization

/// The active routes by alias: open addressing with linear probing.
///
/// One array has a byte of each slot's hash, so that most misses are decided by one load. Another has a cache line per
/// slot with the whole key and the routes. An alias keeps its slot when its routes are removed, which is then a single
/// store; ``move(to:)`` leaves such slots behind.
///
/// One writer changes the table in place. Readers read concurrently and check with ``RouteRegistry/progress`` whether
/// their result may be torn. All fields are atomics, so a torn read yields a wrong result but no undefined behaviour.
/// Readers follow no reference.
// Unchecked: the slots are atomics. The writer keeps every table as long as the registry lives.
final class AliasTable: @unchecked Sendable {
  private struct Slot: ~Copyable {
    let hashAndLength = Atomic<UInt64>(0)
    let word0 = Atomic<UInt64>(0)
    let word1 = Atomic<UInt64>(0)
    let word2 = Atomic<UInt64>(0)
    let word3 = Atomic<UInt64>(0)
    let middle = Atomic<UInt64>(0)
    /// References that the table retains; nil if the pool has no such route.
    let http = Atomic<Unmanaged<RegisteredRoute>?>(nil)
    let stream = Atomic<Unmanaged<RegisteredRoute>?>(nil)
  }

  /// 0 if the slot is free.
  private let tags: UnsafeMutablePointer<Atomic<UInt8>>
  private let slots: UnsafeMutablePointer<Slot>
  private let mask: Int
  /// The number of aliases with a route, and of slots with an alias. For the writer only.
  private(set) var count = 0
  private var used = 0
  /// The number of aliases of the form `*.example.org`.
  private let wildcards = Atomic(0)

  /// - Parameter capacity: a power of two.
  init(capacity: Int = AliasTable.capacity(for: 0)) {
    mask = capacity - 1
    tags = Self.allocate(capacity)
    slots = Self.allocate(capacity)
    for index in 0..<capacity {
      (tags + index).initialize(to: Atomic(0))
      (slots + index).initialize(to: Slot())
    }
  }

  deinit {
    forEach { Unmanaged.passUnretained($0).release() }
    tags.deallocate()
    slots.deallocate()
  }

  private static func allocate<Element: ~Copyable>(_ capacity: Int) -> UnsafeMutablePointer<Element> {
    UnsafeMutableRawPointer.allocate(byteCount: capacity * MemoryLayout<Element>.stride, alignment: 64)
      .bindMemory(to: Element.self, capacity: capacity)
  }

  /// The route with that alias: HTTP first, then stream.
  @inline(__always)
  func active(_ key: AliasKey) -> Unmanaged<RegisteredRoute>? {
    guard let index = index(of: key) else { return nil }
    return slots[index].http.load(ordering: .relaxed) ?? slots[index].stream.load(ordering: .relaxed)
  }

  @inline(__always)
  func http(_ key: AliasKey) -> Unmanaged<RegisteredRoute>? {
    guard let index = index(of: key) else { return nil }
    return slots[index].http.load(ordering: .relaxed)
  }

  @inline(__always)
  func stream(_ key: AliasKey) -> Unmanaged<RegisteredRoute>? {
    guard let index = index(of: key) else { return nil }
    return slots[index].stream.load(ordering: .relaxed)
  }

  var hasWildcards: Bool { wildcards.load(ordering: .relaxed) > 0 }

  @inline(__always)
  private func index(of key: AliasKey) -> Int? {
    var index = Int(key.hash) & mask
    // Some slots are always free, so every probe ends.
    while true {
      // Read before the key: for a new alias, the tag is stored last.
      let tag = tags[index].load(ordering: .acquiring)
      if tag == 0 { return nil }
      if tag == key.tag, holds(key, at: index) { return index }
      index = (index &+ 1) & mask
    }
  }

  @inline(__always)
  private func holds(_ key: AliasKey, at index: Int) -> Bool {
    let words = key.firstWords
    return slots[index].hashAndLength.load(ordering: .relaxed) == key.hashAndLength
      && slots[index].word0.load(ordering: .relaxed) == words.0
      && slots[index].word1.load(ordering: .relaxed) == words.1
      && (key.isShort || holdsRest(key.rest, at: index))
  }

  // Not inlined: the optimiser would fold these words for every lookup. A part of the key, which fits into registers:
  // the whole one would be written to memory first.
  @inline(never)
  private func holdsRest(_ rest: AliasKey.Rest, at index: Int) -> Bool {
    let words = rest.words
    return slots[index].word2.load(ordering: .relaxed) == words.0
      && slots[index].word3.load(ordering: .relaxed) == words.1
      && slots[index].middle.load(ordering: .relaxed) == rest.middle
  }
}

// The writer's operations.
extension AliasTable {
  var capacity: Int { mask + 1 }

  /// The capacity for that many aliases, with room for some more.
  static func capacity(for count: Int) -> Int {
    var capacity = 16
    while capacity * 5 < count * 8 { capacity *= 2 }
    return capacity
  }

  func hasRoom(for more: Int) -> Bool { (used + more) * 4 <= capacity * 3 }

  /// Copies every alias that has a route to a table without readers. This table then no longer retains a route, but is
  /// unchanged for its present readers.
  func move(to table: AliasTable) {
    for index in 0...mask where tags[index].load(ordering: .relaxed) != 0 && !routes(at: index).isEmpty {
      let hash = UInt32(slots[index].hashAndLength.load(ordering: .relaxed) >> 32)
      let free = table.freeIndex(for: hash)
      copy(index, to: table, at: free)
    }
    (table.count, table.used) = (count, count)
    table.wildcards.store(wildcards.load(ordering: .relaxed), ordering: .relaxed)
    count = 0
  }

  /// Empties a table whose content has moved.
  func reset() {
    for index in 0...mask { tags[index].store(0, ordering: .relaxed) }
    used = 0
  }

  func forEach(_ body: (RegisteredRoute) -> Void) {
    guard count > 0 else { return }
    for index in 0...mask where tags[index].load(ordering: .relaxed) != 0 {
      routes(at: index).forEach(body)
    }
  }

  func routes(_ key: AliasKey) -> ActiveRoutes {
    guard let index = index(of: key) else { return ActiveRoutes() }
    return routes(at: index)
  }

  /// Replaces the routes of an alias. The caller takes over the references to the removed ones.
  func set(_ key: AliasKey, from before: ActiveRoutes, to after: ActiveRoutes) {
    guard let index = before.isEmpty ? index(of: key) : index(of: key, with: before) else {
      return insert(key, after)
    }
    if !before.http.isSame(as: after.http) { store(after.http, in: slots[index].http) }
    if !before.stream.isSame(as: after.stream) { store(after.stream, in: slots[index].stream) }
    recordExistence(key, before: !before.isEmpty, after: !after.isEmpty)
  }

  private func recordExistence(_ key: AliasKey, before: Bool, after: Bool) {
    guard before != after else { return }
    count += after ? 1 : -1
    if key.isWildcard {
      wildcards.store(wildcards.load(ordering: .relaxed) + (after ? 1 : -1), ordering: .relaxed)
    }
  }

  /// Finds the slot by its routes, each of which is in one slot only: cheaper than comparing the name again.
  private func index(of key: AliasKey, with routes: ActiveRoutes) -> Int? {
    var index = Int(key.hash) & mask
    while true {
      let tag = tags[index].load(ordering: .relaxed)
      if tag == 0 { return nil }
      if tag == key.tag, self.routes(at: index).isSame(as: routes) { return index }
      index = (index &+ 1) & mask
    }
  }

  private func routes(at index: Int) -> ActiveRoutes {
    ActiveRoutes(http: slots[index].http.load(ordering: .relaxed), stream: slots[index].stream.load(ordering: .relaxed))
  }

  private func store(_ route: ActiveRoutes.Reference?, in place: borrowing Atomic<ActiveRoutes.Reference?>) {
    // Releasing, so that a reader sees a complete route.
    place.store(route?.retain(), ordering: .releasing)
  }

  private func freeIndex(for hash: UInt32) -> Int {
    var index = Int(hash) & mask
    while tags[index].load(ordering: .relaxed) != 0 { index = (index &+ 1) & mask }
    return index
  }

  private func insert(_ key: AliasKey, _ routes: ActiveRoutes) {
    guard !routes.isEmpty else { return }
    let index = freeIndex(for: key.hash)
    let (first, last) = (key.firstWords, key.rest.words)
    slots[index].hashAndLength.store(key.hashAndLength, ordering: .relaxed)
    slots[index].word0.store(first.0, ordering: .relaxed)
    slots[index].word1.store(first.1, ordering: .relaxed)
    slots[index].word2.store(last.0, ordering: .relaxed)
    slots[index].word3.store(last.1, ordering: .relaxed)
    slots[index].middle.store(key.rest.middle, ordering: .relaxed)
    slots[index].http.store(routes.http?.retain(), ordering: .relaxed)
    slots[index].stream.store(routes.stream?.retain(), ordering: .relaxed)
    tags[index].store(key.tag, ordering: .releasing)
    used += 1
    recordExistence(key, before: false, after: true)
  }

  private func copy(_ index: Int, to table: AliasTable, at place: Int) {
    let (slot, other) = (slots + index, table.slots + place)
    other.pointee.hashAndLength.store(slot.pointee.hashAndLength.load(ordering: .relaxed), ordering: .relaxed)
    other.pointee.word0.store(slot.pointee.word0.load(ordering: .relaxed), ordering: .relaxed)
    other.pointee.word1.store(slot.pointee.word1.load(ordering: .relaxed), ordering: .relaxed)
    other.pointee.word2.store(slot.pointee.word2.load(ordering: .relaxed), ordering: .relaxed)
    other.pointee.word3.store(slot.pointee.word3.load(ordering: .relaxed), ordering: .relaxed)
    other.pointee.middle.store(slot.pointee.middle.load(ordering: .relaxed), ordering: .relaxed)
    other.pointee.http.store(slot.pointee.http.load(ordering: .relaxed), ordering: .relaxed)
    other.pointee.stream.store(slot.pointee.stream.load(ordering: .relaxed), ordering: .relaxed)
    table.tags[place].store(tags[index].load(ordering: .relaxed), ordering: .releasing)
  }
}
