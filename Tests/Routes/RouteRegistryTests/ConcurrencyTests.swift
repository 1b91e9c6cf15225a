import RouteModel
import Synchronization
import Testing

@testable import RouteRegistry

/// Exact results from many concurrent tasks. Run it under the thread sanitizer too.
@Suite(.timeLimit(.minutes(5))) struct ConcurrencyTests {
  let registry = RouteRegistry()

  @Test func countsWhatManyTasksAddAndDelete() async throws {
    registry.apply(adding: [try makeRoute("stays")])
    let routes = try (0..<8).map { task in try (0..<250).map { try makeRoute("t\(task)-r\($0)") } }
    await withTaskGroup(of: Void.self) { group in
      for mine in routes {
        group.addTask {
          for route in mine { registry.apply(adding: [route]) }
          await Task.yield()
          for (index, route) in mine.enumerated() where !index.isMultiple(of: 5) {
            registry.apply(adding: [], removing: [route.id])
          }
          await Task.yield()
          for route in mine.prefix(50) { registry.apply(adding: [route]) }
        }
      }
      for _ in 0..<2 {
        group.addTask {
          for _ in 0..<300 {
            await Task.yield()
            let snapshot = registry.snapshot
            #expect(snapshot.entries.count == snapshot.counts.all)
            #expect(snapshot.byProvider.reduce(0) { $0 + $1.entries.count } == snapshot.counts.all)
            #expect(registry.get("stays")?.id.alias.text == "stays")
          }
        }
      }
    }
    // Of 250: every fifth remained, and the first 50 were added again.
    #expect(registry.counts.all == 8 * (50 + 40) + 1)
    for mine in routes {
      for (index, route) in mine.enumerated() {
        #expect((registry.get(route.id.alias.text) === route) == (index < 50 || index.isMultiple(of: 5)))
      }
    }
  }

  @Test func alwaysFindsARouteThatIsReplacedWithoutPause() async throws {
    let names = ["plex", "a-name-that-is-longer.than-thirty-two.bytes.example.org"]
    let versions = try names.map { name in try (0..<8).map { _ in try makeRoute(name) } }
    registry.apply(adding: versions.map { $0[0] })
    let end = End()
    await withTaskGroup(of: Int.self) { group in
      group.addTask {
        for round in 0..<4000 {
          registry.apply(adding: versions.map { $0[round % 8] })
          if round.isMultiple(of: 50) { await Task.yield() }
        }
        end.come()
        return 0
      }
      for name in names {
        group.addTask {
          var missed = 0
          await end.repeatUntilEnd {
            if registry.identity(alias: name) == nil || registry.get(name)?.id.alias.text != name { missed += 1 }
          }
          return missed
        }
      }
      for await missed in group { #expect(missed == 0) }
    }
  }

  /// A few changes are applied to the table in use, many to another one.
  @Test(arguments: [3, 200]) func neverFindsHalfOfABatch(size: Int) async throws {
    // In one generation the route has the alias, in the next the host; never neither, never both.
    let (short, long) = (try makeRoute("wiki"), try makeRoute("wiki.example.org"))
    // Between the two, so that a batch takes some time.
    let fillers = try (0..<size).map { try makeRoute("filler-\($0)") }
    registry.apply(adding: fillers + [short])
    let end = End()
    await withTaskGroup(of: Int.self) { group in
      group.addTask {
        for _ in 0..<500 {
          registry.apply(adding: fillers + [long], removing: [short.id])
          registry.apply(adding: fillers + [short], removing: [long.id])
          await Task.yield()
        }
        end.come()
        return 0
      }
      group.addTask {
        var torn = 0
        await end.repeatUntilEnd {
          if registry.getHTTPRouteOrExact(alias: "wiki", host: "wiki.example.org") == nil { torn += 1 }
          let (alias, host) = ("wiki", "wiki.example.org")
          if registry.httpIdentity(alias: alias.utf8.span.bytes, host: host.utf8.span.bytes) == nil { torn += 1 }
        }
        return torn
      }
      group.addTask {
        var torn = 0
        await end.repeatUntilEnd {
          if registry.snapshot.entries.count != fillers.count + 1 { torn += 1 }
        }
        return torn
      }
      for await torn in group { #expect(torn == 0) }
    }
  }

  /// Lookups wait while a batch is applied to their table; a large one is applied to another.
  @Test func aLargeBatchMakesNoLookupWait() async throws {
    let versions = try (0..<2).map { _ in try (0..<2000).map { try makeRoute("app-\($0)") } }
    registry.apply(adding: versions[0])
    let end = End()
    await withTaskGroup(of: Int.self) { group in
      group.addTask {
        for round in 1...100 {
          registry.apply(adding: versions[round % 2])
          await Task.yield()
        }
        end.come()
        return 0
      }
      group.addTask {
        var waits = 0
        await end.repeatUntilEnd { waits += Int(registry.progress.load(ordering: .acquiring) & 1) }
        return waits
      }
      for await waits in group { #expect(waits == 0) }
    }
  }

  @Test(arguments: [3, 200]) func twoLookupsNeverFindHalfOfABatch(size: Int) async throws {
    let fillers = try (0..<size).map { try makeRoute("filler-\($0)") }
    let versions = try (0..<500).map { version in
      try ["first", "second"].map { try makeRoute($0, provider: "file:\(version + 1001)") }
    }
    for name in ["first", "second"] { registry.apply(adding: [try makeRoute(name, provider: "file:1000")]) }
    let end = End()
    await withTaskGroup(of: Int.self) { group in
      group.addTask {
        var before = ["first", "second"].compactMap { registry.get($0)?.id }
        for pair in versions {
          registry.apply(adding: [pair[0]] + fillers + [pair[1]], removing: before)
          before = pair.map(\.id)
          await Task.yield()
        }
        end.come()
        return 0
      }
      group.addTask {
        var torn = 0
        await end.repeatUntilEnd {
          let first = registry.get("first")?.id.provider.text ?? ""
          let second = registry.get("second")?.id.provider.text ?? ""
          if first.isEmpty || second < first { torn += 1 }
        }
        return torn
      }
      for await torn in group { #expect(torn == 0) }
    }
  }

  @Test func findsWhatStaysWhileTheTableGrowsAndIsThinnedOut() async throws {
    let stays = try makeRoute("stays")
    registry.apply(adding: [stays])
    let passing = try (0..<3000).map { try makeRoute("passing-\($0)") }
    let end = End()
    await withTaskGroup(of: Int.self) { group in
      group.addTask {
        for _ in 0..<3 {
          for (index, route) in passing.enumerated() {
            registry.apply(adding: [route])
            if index.isMultiple(of: 50) { await Task.yield() }
          }
          for (index, route) in passing.enumerated() {
            registry.apply(adding: [], removing: [route.id])
            if index.isMultiple(of: 50) { await Task.yield() }
          }
        }
        end.come()
        return 0
      }
      group.addTask {
        var missed = 0
        await end.repeatUntilEnd {
          if registry.identity(alias: "stays") != registry.identity(of: stays) || registry.get("stays") !== stays {
            missed += 1
          }
        }
        return missed
      }
      for await missed in group { #expect(missed == 0) }
    }
  }

  @Test func findsStreamsAndNotifiesFollowersDuringChanges() async throws {
    // HTTP routes with the same aliases are added and removed.
    let names = ["git", "git.example.org", "*.example.net", "a-stream.that-is-longer-than-thirty-two.example.org"]
    let streams = try (0..<4).map { _ in try names.map { try makeRoute($0, pool: .stream) } }
    let pages = try names.map { try makeRoute($0, provider: "file:pages") }
    registry.apply(adding: streams[0])
    let (end, last) = (End(), UInt64(1 + 2 * 1000))
    let misses = await withTaskGroup(of: Int.self) { group in
      group.addTask {
        for round in 0..<1000 {
          registry.apply(adding: streams[round % 4] + pages)
          registry.apply(adding: [], removing: pages.map(\.id))
          if round.isMultiple(of: 50) { await Task.yield() }
        }
        end.come()
        return 0
      }
      for (alias, host) in [("git", ""), ("", "git.example.org"), ("", "a.example.net"), ("", names[3])] {
        group.addTask {
          var missed = 0
          await end.repeatUntilEnd {
            if registry.getStreamRouteOrExact(alias: alias, host: host)?.pool != .stream { missed += 1 }
          }
          return missed
        }
      }
      for patience in [1, 10, Int.max] {
        group.addTask {
          var (newest, disorder) = (UInt64(0), 0)
          // Some are removed and added again.
          while newest < last {
            for await generation in registry.generations().prefix(patience) {
              if generation < newest { disorder += 1 }
              newest = generation
              if newest == last { break }
            }
          }
          return disorder
        }
      }
      return await group.reduce(0, +)
    }
    #expect(misses == 0)
  }

  @Test func growsAndShrinksInAnyOrder() throws {
    var generator = SystemRandomNumberGenerator()
    var kept: [String: RegisteredRoute] = [:]
    for round in 0..<6000 {
      let alias = "r\(Int.random(in: 0..<700, using: &generator))"
      if let route = kept[alias], round.isMultiple(of: 2) {
        registry.apply(adding: [], removing: [route.id])
        kept[alias] = nil
      } else {
        kept[alias] = try makeRoute(alias)
        registry.apply(adding: [try #require(kept[alias])])
      }
    }
    #expect(registry.counts.http == kept.count)
    for number in 0..<700 { #expect(registry.get("r\(number)") === kept["r\(number)"]) }
    #expect(registry.snapshot.entries.map(\.key) == kept.keys.sorted())
    registry.removeAll()
    #expect(registry.counts.all == 0)
    #expect(registry.snapshot.entries.isEmpty)
  }
}

private final class End: Sendable {
  private let flag = Atomic(false)
  func come() { flag.store(true, ordering: .releasing) }

  /// Repeats the body until the end, and lets other tests run in between: they share the threads.
  func repeatUntilEnd(_ body: () -> Void) async {
    repeat {
      for _ in 0..<50 { body() }
      await Task.yield()
    } while !flag.load(ordering: .acquiring)
  }
}
