import RouteModel
import Synchronization

/// The active routes by alias: open addressing with linear probing, each slot a cache line that holds the whole key.
///
/// One writer changes it in place. Readers look at the same time and are told by ``RouteRegistry/progress`` whether what they
/// saw may be torn; what they see are atomics, so a torn look is nonsense and never more than that.
// Unchecked: the slots are atomics. What a reader may still look at is kept alive by `Retirement`.
final class AliasTable: @unchecked Sendable {
  private struct Slot: ~Copyable {
    /// Zero where the slot is free, which no key's hash is.
    let hash = Atomic<UInt64>(0)
    let length = Atomic<Int>(0)
    let word0 = Atomic<UInt64>(0)
    let word1 = Atomic<UInt64>(0)
    let word2 = Atomic<UInt64>(0)
    let word3 = Atomic<UInt64>(0)
    /// References that the table counts; nil where the pool has no such route.
    let http = Atomic<Unmanaged<RegisteredRoute>?>(nil)
    let stream = Atomic<Unmanaged<RegisteredRoute>?>(nil)
  }

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
    slots = UnsafeMutableRawPointer.allocate(byteCount: capacity * MemoryLayout<Slot>.stride, alignment: 64)
      .bindMemory(to: Slot.self, capacity: capacity)
    for index in 0..<capacity { (slots + index).initialize(to: Slot()) }
  }

  deinit {
    forEach { Unmanaged.passUnretained($0).release() }
    slots.deinitialize(count: mask + 1)
    UnsafeMutableRawPointer(slots).deallocate()
  }

  /// The route that goes by that alias: HTTP first, then stream.
  @inline(__always)
  func active(_ key: AliasKey, _ name: RawSpan) -> Unmanaged<RegisteredRoute>? {
    guard let index = index(of: key, name) else { return nil }
    return slots[index].http.load(ordering: .relaxed) ?? slots[index].stream.load(ordering: .relaxed)
  }

  @inline(__always)
  func http(_ key: AliasKey, _ name: RawSpan) -> Unmanaged<RegisteredRoute>? {
    index(of: key, name).flatMap { slots[$0].http.load(ordering: .relaxed) }
  }

  @inline(__always)
  func stream(_ key: AliasKey, _ name: RawSpan) -> Unmanaged<RegisteredRoute>? {
    index(of: key, name).flatMap { slots[$0].stream.load(ordering: .relaxed) }
  }

  var hasWildcards: Bool { wildcards.load(ordering: .relaxed) > 0 }

  @inline(__always)
  private func index(of key: AliasKey, _ name: RawSpan) -> Int? {
    var index = Int(truncatingIfNeeded: key.hash) & mask
    // No probe is longer, however torn the look is.
    for _ in 0...mask {
      let hash = slots[index].hash.load(ordering: .relaxed)
      if hash == 0 { return nil }
      if hash == key.hash, holds(key, name, at: index) { return index }
      index = (index + 1) & mask
    }
    return nil
  }

  @inline(__always)
  private func holds(_ key: AliasKey, _ name: RawSpan, at index: Int) -> Bool {
    let isSame =
      slots[index].length.load(ordering: .relaxed) == key.length
      && slots[index].word0.load(ordering: .relaxed) == key.words.0
      && slots[index].word1.load(ordering: .relaxed) == key.words.1
      && slots[index].word2.load(ordering: .relaxed) == key.words.2
      && slots[index].word3.load(ordering: .relaxed) == key.words.3
    return isSame && (key.length <= AliasKey.inlineLength || isNamed(name, at: index))
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

  /// A table with the same routes, and room for so many more aliases and then as many again.
  func grown(by more: Int) -> AliasTable {
    let table = AliasTable(minimumCapacity: count + more)
    for index in 0...mask where slots[index].hash.load(ordering: .relaxed) != 0 {
      let (http, stream) = routes(at: index)
      guard let key = (http ?? stream)?.key, let folded = (http ?? stream)?.id.alias.folded else { continue }
      table.set(key, folded, http: http, stream: stream)
    }
    return table
  }

  func forEach(_ body: (RegisteredRoute) -> Void) {
    for index in 0...mask where slots[index].hash.load(ordering: .relaxed) != 0 {
      let (http, stream) = routes(at: index)
      if let http { body(http) }
      if let stream { body(stream) }
    }
  }

  func routes(_ key: AliasKey, _ folded: String) -> (http: RegisteredRoute?, stream: RegisteredRoute?) {
    index(of: key, folded.utf8.span.bytes).map(routes(at:)) ?? (nil, nil)
  }

  /// Gives an alias other routes, and takes it out where it has none. The routes that it had are returned: a reader may
  /// still look at them.
  @discardableResult
  func set(
    _ key: AliasKey, _ folded: String, http: RegisteredRoute?, stream: RegisteredRoute?
  ) -> (http: RegisteredRoute?, stream: RegisteredRoute?) {
    let isGone = http == nil && stream == nil
    guard let index = index(of: key, folded.utf8.span.bytes) else {
      if !isGone { insert(key, folded, http, stream) }
      return (nil, nil)
    }
    let old = (swap(slots[index].http, http), swap(slots[index].stream, stream))
    if isGone { remove(at: index, folded) }
    return old
  }

  private func routes(at index: Int) -> (http: RegisteredRoute?, stream: RegisteredRoute?) {
    (
      slots[index].http.load(ordering: .relaxed)?.takeUnretainedValue(),
      slots[index].stream.load(ordering: .relaxed)?.takeUnretainedValue()
    )
  }

  private func swap(
    _ place: borrowing Atomic<Unmanaged<RegisteredRoute>?>, _ route: RegisteredRoute?
  ) -> RegisteredRoute? {
    let old = place.load(ordering: .relaxed)
    place.store(route.map(Unmanaged.passRetained), ordering: .relaxed)
    return old?.takeRetainedValue()
  }

  private func insert(_ key: AliasKey, _ folded: String, _ http: RegisteredRoute?, _ stream: RegisteredRoute?) {
    var index = Int(truncatingIfNeeded: key.hash) & mask
    while slots[index].hash.load(ordering: .relaxed) != 0 { index = (index + 1) & mask }
    slots[index].hash.store(key.hash, ordering: .relaxed)
    slots[index].length.store(key.length, ordering: .relaxed)
    slots[index].word0.store(key.words.0, ordering: .relaxed)
    slots[index].word1.store(key.words.1, ordering: .relaxed)
    slots[index].word2.store(key.words.2, ordering: .relaxed)
    slots[index].word3.store(key.words.3, ordering: .relaxed)
    slots[index].http.store(http.map(Unmanaged.passRetained), ordering: .relaxed)
    slots[index].stream.store(stream.map(Unmanaged.passRetained), ordering: .relaxed)
    count += 1
    countWildcard(folded, 1)
  }

  /// Closes the gap with what was displaced by it, so that probes stay short however many aliases come and go.
  private func remove(at gap: Int, _ folded: String) {
    var (gap, index) = (gap, (gap + 1) & mask)
    while true {
      let hash = slots[index].hash.load(ordering: .relaxed)
      if hash == 0 { break }
      let home = Int(truncatingIfNeeded: hash) & mask
      // The slot may move to the gap unless its probe begins behind the gap.
      if (index - home) & mask >= (index - gap) & mask {
        copy(index, to: gap)
        gap = index
      }
      index = (index + 1) & mask
    }
    slots[gap].hash.store(0, ordering: .relaxed)
    slots[gap].http.store(nil, ordering: .relaxed)
    slots[gap].stream.store(nil, ordering: .relaxed)
    count -= 1
    countWildcard(folded, -1)
  }

  private func copy(_ index: Int, to gap: Int) {
    slots[gap].hash.store(slots[index].hash.load(ordering: .relaxed), ordering: .relaxed)
    slots[gap].length.store(slots[index].length.load(ordering: .relaxed), ordering: .relaxed)
    slots[gap].word0.store(slots[index].word0.load(ordering: .relaxed), ordering: .relaxed)
    slots[gap].word1.store(slots[index].word1.load(ordering: .relaxed), ordering: .relaxed)
    slots[gap].word2.store(slots[index].word2.load(ordering: .relaxed), ordering: .relaxed)
    slots[gap].word3.store(slots[index].word3.load(ordering: .relaxed), ordering: .relaxed)
    slots[gap].http.store(slots[index].http.load(ordering: .relaxed), ordering: .relaxed)
    slots[gap].stream.store(slots[index].stream.load(ordering: .relaxed), ordering: .relaxed)
  }

  private func countWildcard(_ folded: String, _ change: Int) {
    guard folded.utf8.first == UInt8(ascii: "*") else { return }
    wildcards.store(wildcards.load(ordering: .relaxed) + change, ordering: .relaxed)
  }
}
