import Testing

@testable import HealthMonitoring

@Suite struct ProbeSlotsTests {
  private let start = ContinuousClock.now

  @Test func bindsProbesThatHaveJustBegun() {
    var slots = ProbeSlots(fresh: 2, total: 3)
    let taken = (1...3).map { slots.reserve($0, at: start) }
    #expect(taken == [true, true, false])
    slots.release(1)
    let again = slots.reserve(3, at: start)
    #expect(again)
  }

  /// Half of 1024 descriptors are for probes; one target gets half of those.
  @Test(arguments: [(ProbeSlots(), 64, 512), (.ofOneTarget, 16, 256)])
  func holdsSoManyAndNoMore(_ slots: ProbeSlots, fresh: Int, total: Int) {
    var slots = slots
    let taken = (0..<2 * total).filter { slots.reserve($0, at: start) }
    #expect(taken.count == fresh)
    let later = (0..<100).map { start + .seconds($0) }.reduce(taken.count) { sum, now in
      sum + (0..<total).filter { slots.reserve(10_000 + $0, at: now) }.count
    }
    #expect(later == total)
  }

  @Test func letsOthersPassThoseThatWait() {
    var slots = ProbeSlots(fresh: 2, total: 3)
    for probe in 1...2 { _ = slots.reserve(probe, at: start) }
    let free = slots.nextFree
    #expect(free == start + .milliseconds(250))
    let early = slots.reserve(3, at: start + .milliseconds(249))
    #expect(!early)
    let taken = slots.reserve(3, at: start + .milliseconds(250))
    #expect(taken, "two that hang delay no others")
    let overTheTotal = slots.reserve(4, at: start + .seconds(9))
    #expect(!overTheTotal)
    #expect(slots.nextFree == nil, "only an end frees one")
  }

  /// For all routes, and for one target; the first number is for those that have just begun.
  @Test(arguments: [(ProbeSlots(), 64, 512), (ProbeSlots.ofOneTarget, 16, 256)])
  func bindsAllProbesAndThoseOfOneTarget(slots: ProbeSlots, fresh: Int, total: Int) {
    var slots = slots
    var (taken, now) = (0, start)
    while taken < 10_000, slots.reserve(taken, at: now) { taken += 1 }
    #expect(taken == fresh)
    while taken < 10_000 {
      now += .milliseconds(250)
      let before = taken
      while taken < 10_000, slots.reserve(taken, at: now) { taken += 1 }
      if taken == before { break }
    }
    #expect(taken == total)
  }
}
