import Glibc
import Synchronization

// How lookups look into the table, which the writer changes meanwhile.
extension RouteRegistry {
  /// A route that stays alive until the slot is left.
  @usableFromInline
  struct Loan {
    @usableFromInline let slot: Int
    @usableFromInline let route: Unmanaged<RegisteredRoute>?
  }

  @usableFromInline
  func borrow(_ alias: RawSpan) -> Loan {
    let key = AliasKey(alias)
    return look { $0.active(key, alias) }
  }

  @usableFromInline
  func borrowHTTP(alias: RawSpan, host: RawSpan) -> Loan {
    let key = AliasKey(alias)
    return look { table in
      table.http(key, alias) ?? table.http(AliasKey(host), host)
        ?? Self.wildcardRoute(over: host, in: table) { table.http($0, $1) }
    }
  }

  func borrowStream(alias: RawSpan, host: RawSpan) -> Loan {
    let key = AliasKey(alias)
    return look { table in
      table.stream(key, alias) ?? table.stream(AliasKey(host), host)
        ?? Self.wildcardRoute(over: host, in: table) { table.stream($0, $1) }
    }
  }

  /// Looks again until no batch was carried out meanwhile: what was seen then is all of one generation.
  @inline(__always)
  private func look(_ find: (AliasTable) -> Unmanaged<RegisteredRoute>?) -> Loan {
    let slot = readers.enter()
    while true {
      // After the claim, in the one order that all processors agree on.
      let before = progress.load(ordering: .sequentiallyConsistent)
      if before & 1 == 0 {
        let route = table.load(ordering: .sequentiallyConsistent)._withUnsafeGuaranteedRef(find)
        atomicMemoryFence(ordering: .acquiring)
        if progress.load(ordering: .relaxed) == before { return Loan(slot: slot, route: route) }
      } else {
        sched_yield()
      }
    }
  }

  @inline(never)
  private static func wildcardRoute(
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
    return find(AliasKey(name), name)
  }
}
