import RouteModel
import Synchronization

/// The active routes by alias: open addressing with linear probing.
///
/// Of each slot a byte of the hash stands in one array, so that what is not there is mostly known from one look, and a cache
/// line with the whole key and the routes in another.
///
/// One writer changes it in place. Readers look at the same time and are told by ``RouteRegistry/progress`` whether what they
/// saw may be torn; what they see are atomics, so a torn look is nonsense and never more than that.
// Unchecked: the slots are atomics. The writer keeps every table as long as the registry lives, and `Retirement` the routes
// that a reader may still look at.
final class AliasTable: @unchecked Sendable {
  private struct Slot: ~Copyable {
    let hash = Atomic<UInt32>(0)
    let length = Atomic<UInt32>(0)
    let word0 = Atomic<UInt64>(0)
    let word1 = Atomic<UInt64>(0)
    let word2 = Atomic<UInt64>(0)
    let word3 = Atomic<UInt64>(0)
    /// References that the table counts; nil where the pool has no such route.
    let http = Atomic<Unmanaged<RegisteredRoute>?>(nil)
    let stream = Atomic<Unmanaged<RegisteredRoute>?>(nil)
    /// Makes it a cache line.
    private let unused: UInt64 = 0
  }

  /// Zero where the slot is free.
  private let tags: UnsafeMutablePointer<Atomic<UInt8>>
  private let slots: UnsafeMutablePointer<Slot>
  private let mask: Int
  /// The writer's.
  private(set) var count = 0
  /// How many aliases are of the kind `*.example.org`.
  private let wildcards = Atomic(0)

  init(minimumCapacity: Int = 0) {
    var capacity = 16
    while capacity < minimumCapacity * 2 { capacity *= 2 }
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

  /// The route that goes by that alias: HTTP first, then stream. The text of a key that is not whole is compared with that of
  /// routes, which must stay alive meanwhile.
  @inline(__always)
  func active(_ key: AliasKey, _ name: RawSpan) -> Unmanaged<RegisteredRoute>? {
    guard let index = index(of: key, name) else { return nil }
    return slots[index].http.load(ordering: .relaxed) ?? slots[index].stream.load(ordering: .relaxed)
  }

  @inline(__always)
  func http(_ key: AliasKey, _ name: RawSpan) -> Unmanaged<RegisteredRoute>? {
    guard let index = index(of: key, name) else { return nil }
    return slots[index].http.load(ordering: .relaxed)
  }

  @inline(__always)
  func stream(_ key: AliasKey, _ name: RawSpan) -> Unmanaged<RegisteredRoute>? {
    index(of: key, name).flatMap { slots[$0].stream.load(ordering: .relaxed) }
  }

  var hasWildcards: Bool { wildcards.load(ordering: .relaxed) > 0 }

  @inline(__always)
  private func index(of key: AliasKey, _ name: RawSpan) -> Int? {
    var index = Int(key.hash) & mask
    // Some slots are free at every moment, so every probe ends.
    while true {
      // Before the key behind it: a new alias has its tag last.
      let tag = tags[index].load(ordering: .acquiring)
      if tag == 0 { return nil }
      if tag == key.tag, holds(key, name, at: index) { return index }
      index = (index &+ 1) & mask
    }
  }

  @inline(__always)
  private func holds(_ key: AliasKey, _ name: RawSpan, at index: Int) -> Bool {
    let words = key.foldedWords
    let isSame =
      slots[index].hash.load(ordering: .relaxed) == key.hash
      && slots[index].length.load(ordering: .relaxed) == key.length
      && slots[index].word0.load(ordering: .relaxed) == words.0
      && slots[index].word1.load(ordering: .relaxed) == words.1
      && slots[index].word2.load(ordering: .relaxed) == words.2
      && slots[index].word3.load(ordering: .relaxed) == words.3
    return isSame && (key.isWhole || isNamed(name, at: index))
  }

  /// Of names that are longer than the slot.
  @inline(never)
  private func isNamed(_ name: RawSpan, at index: Int) -> Bool {
    let route = slots[index].http.load(ordering: .relaxed) ?? slots[index].stream.load(ordering: .relaxed)
    guard let route else { return false }
    return route._withUnsafeGuaranteedRef { AliasKey.isSame(name, $0.id.alias.folded.utf8.span.bytes) }
  }
}

// What the writer does.
extension AliasTable {
  func hasRoom(for more: Int) -> Bool { (count + more) * 4 <= (mask + 1) * 3 }

  /// A table to which everything has moved, with room for so many more aliases and then as many again. This one counts no
  /// reference any more and is as it was for those who read it just now.
  func grown(by more: Int) -> AliasTable {
    let table = AliasTable(minimumCapacity: count + more)
    for index in 0...mask where tags[index].load(ordering: .relaxed) != 0 {
      copy(index, to: table, at: table.freeIndex(for: slots[index].hash.load(ordering: .relaxed)))
    }
    table.count = count
    table.wildcards.store(wildcards.load(ordering: .relaxed), ordering: .relaxed)
    count = 0
    return table
  }

  func forEach(_ body: (RegisteredRoute) -> Void) {
    guard count > 0 else { return }
    for index in 0...mask where tags[index].load(ordering: .relaxed) != 0 {
      routes(at: index).forEach(body)
    }
  }

  func routes(_ key: AliasKey, _ folded: String) -> ActiveRoutes {
    guard let index = index(of: key, folded) else { return ActiveRoutes() }
    return routes(at: index)
  }

  /// Gives an alias other routes than it has, and takes it out where it has none. The references to those that it loses are
  /// the caller's then, as a reader may still look at them.
  func set(_ key: AliasKey, from before: ActiveRoutes, to after: ActiveRoutes) {
    guard !before.isEmpty else {
      if !after.isEmpty { insert(key, after) }
      return
    }
    guard let index = index(of: key, with: before) else { return }
    if !before.http.isSame(as: after.http) { store(after.http, in: slots[index].http) }
    if !before.stream.isSame(as: after.stream) { store(after.stream, in: slots[index].stream) }
    if after.isEmpty { remove(at: index, key) }
  }

  /// By the routes, each of which is in one slot only: cheaper than to compare the name once more.
  private func index(of key: AliasKey, with routes: ActiveRoutes) -> Int? {
    var index = Int(key.hash) & mask
    while true {
      let tag = tags[index].load(ordering: .relaxed)
      if tag == 0 { return nil }
      if tag == key.tag, self.routes(at: index).isSame(as: routes) { return index }
      index = (index &+ 1) & mask
    }
  }

  private func index(of key: AliasKey, _ folded: String) -> Int? {
    key.isWhole ? index(of: key, RawSpan()) : index(of: key, folded.utf8.span.bytes)
  }

  private func routes(at index: Int) -> ActiveRoutes {
    ActiveRoutes(http: slots[index].http.load(ordering: .relaxed), stream: slots[index].stream.load(ordering: .relaxed))
  }

  private func store(_ route: ActiveRoutes.Reference?, in place: borrowing Atomic<ActiveRoutes.Reference?>) {
    // What a reader finds is complete.
    place.store(route?.retain(), ordering: .releasing)
  }

  private func freeIndex(for hash: UInt32) -> Int {
    var index = Int(hash) & mask
    while tags[index].load(ordering: .relaxed) != 0 { index = (index &+ 1) & mask }
    return index
  }

  private func insert(_ key: AliasKey, _ routes: ActiveRoutes) {
    let index = freeIndex(for: key.hash)
    let words = key.foldedWords
    slots[index].hash.store(key.hash, ordering: .relaxed)
    slots[index].length.store(key.length, ordering: .relaxed)
    slots[index].word0.store(words.0, ordering: .relaxed)
    slots[index].word1.store(words.1, ordering: .relaxed)
    slots[index].word2.store(words.2, ordering: .relaxed)
    slots[index].word3.store(words.3, ordering: .relaxed)
    slots[index].http.store(routes.http?.retain(), ordering: .relaxed)
    slots[index].stream.store(routes.stream?.retain(), ordering: .relaxed)
    tags[index].store(key.tag, ordering: .releasing)
    count += 1
    if key.isWildcard { countWildcards(1) }
  }

  /// Closes the gap with what was displaced by it, so that probes stay short however many aliases come and go.
  private func remove(at gap: Int, _ key: AliasKey) {
    var (gap, index) = (gap, (gap &+ 1) & mask)
    while tags[index].load(ordering: .relaxed) != 0 {
      let home = Int(slots[index].hash.load(ordering: .relaxed)) & mask
      // The slot may move to the gap unless its probe begins behind the gap.
      if (index &- home) & mask >= (index &- gap) & mask {
        copy(index, to: self, at: gap)
        gap = index
      }
      index = (index &+ 1) & mask
    }
    tags[gap].store(0, ordering: .relaxed)
    count -= 1
    if key.isWildcard { countWildcards(-1) }
  }

  private func copy(_ index: Int, to table: AliasTable, at place: Int) {
    let (slot, other) = (slots + index, table.slots + place)
    other.pointee.hash.store(slot.pointee.hash.load(ordering: .relaxed), ordering: .relaxed)
    other.pointee.length.store(slot.pointee.length.load(ordering: .relaxed), ordering: .relaxed)
    other.pointee.word0.store(slot.pointee.word0.load(ordering: .relaxed), ordering: .relaxed)
    other.pointee.word1.store(slot.pointee.word1.load(ordering: .relaxed), ordering: .relaxed)
    other.pointee.word2.store(slot.pointee.word2.load(ordering: .relaxed), ordering: .relaxed)
    other.pointee.word3.store(slot.pointee.word3.load(ordering: .relaxed), ordering: .relaxed)
    other.pointee.http.store(slot.pointee.http.load(ordering: .relaxed), ordering: .relaxed)
    other.pointee.stream.store(slot.pointee.stream.load(ordering: .relaxed), ordering: .relaxed)
    table.tags[place].store(tags[index].load(ordering: .relaxed), ordering: .releasing)
  }

  private func countWildcards(_ change: Int) {
    wildcards.store(wildcards.load(ordering: .relaxed) + change, ordering: .relaxed)
  }
}
