import Glibc
import Synchronization

// How lookups look into the table, which the writer changes meanwhile.
extension RouteRegistry {
  /// A route that stays alive until the slot is left.
  @usableFromInline
  struct Loan {
    @usableFromInline let slot: Int
    @usableFromInline let route: Unmanaged<RegisteredRoute>
  }

  @usableFromInline
  func borrow(_ alias: RawSpan) -> Loan? {
    let key = AliasKey(alias, seed: seed)
    return look(claimingFirst: !key.isWhole) { $0.active(key, alias) }
  }

  @usableFromInline
  func borrowHTTP(alias: RawSpan, host: RawSpan) -> Loan? {
    let (short, whole) = (AliasKey(alias, seed: seed), AliasKey(host, seed: seed))
    return look(claimingFirst: !short.isWhole || !whole.isWhole) { table in
      table.http(short, alias) ?? table.http(whole, host)
        ?? wildcardRoute(over: host, in: table) { table.http($0, $1) }
    }
  }

  func borrowStream(alias: RawSpan, host: RawSpan) -> Loan? {
    let (short, whole) = (AliasKey(alias, seed: seed), AliasKey(host, seed: seed))
    return look(claimingFirst: !short.isWhole || !whole.isWhole) { table in
      table.stream(short, alias) ?? table.stream(whole, host)
        ?? wildcardRoute(over: host, in: table) { table.stream($0, $1) }
    }
  }

  /// Looks again until no batch was carried out meanwhile: what was seen then is all of one generation.
  ///
  /// What is not there needs no claim. What is there is claimed when it was found, and was not retired before the claim
  /// where no batch came between; only those claim first who look at routes on their way.
  @inline(__always)
  private func look(
    claimingFirst: Bool, _ find: (AliasTable) -> Unmanaged<RegisteredRoute>?
  ) -> Loan? {
    var slot = claimingFirst ? readers.enter() : nil
    while true {
      let before = evenProgress()
      let found = table.load(ordering: .acquiring)._withUnsafeGuaranteedRef(find)
      if found != nil, slot == nil { slot = readers.enter() }
      atomicMemoryFence(ordering: .acquiring)
      // After the claim, in the one order that all processors agree on.
      guard progress.load(ordering: .sequentiallyConsistent) == before else { continue }
      if let slot {
        if let found { return Loan(slot: slot, route: found) }
        readers.leave(slot)
      }
      return nil
    }
  }

  /// Waits until no batch is being put into the table, which is a matter of nanoseconds unless the writer lost its processor.
  @inline(__always)
  private func evenProgress() -> UInt64 {
    let now = progress.load(ordering: .acquiring)
    return now & 1 == 0 ? now : nextEvenProgress()
  }

  @inline(never)
  private func nextEvenProgress() -> UInt64 {
    var looks = 0
    while true {
      let now = progress.load(ordering: .acquiring)
      if now & 1 == 0 { return now }
      looks += 1
      if looks.isMultiple(of: 100) { sched_yield() }
    }
  }

  @inline(never)
  private func wildcardRoute(
    over host: RawSpan, in table: AliasTable, _ find: (AliasKey, RawSpan) -> Unmanaged<RegisteredRoute>?
  ) -> Unmanaged<RegisteredRoute>? {
    guard table.hasWildcards else { return nil }
    // An alias has at most 253 bytes, and a host may have a dot more.
    var wildcard = InlineArray<256, UInt8>(repeating: UInt8(ascii: "*"))
    let bytes = Span<UInt8>(_bytes: host)
    guard let dot = bytes.indices.first(where: { bytes[$0] == UInt8(ascii: ".") }), dot > 0 else { return nil }
    let length = 1 + bytes.count - dot
    guard length <= wildcard.count else { return nil }
    for index in dot..<bytes.count { wildcard[1 + index - dot] = bytes[index] }
    let name = wildcard.span.bytes.extracting(first: length)
    return find(AliasKey(name, seed: seed), name)
  }
}
