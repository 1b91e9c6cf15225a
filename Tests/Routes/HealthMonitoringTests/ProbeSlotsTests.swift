import Testing

@testable import HealthMonitoring

@Suite struct ProbeSlotsTests {
  private let start = ContinuousClock.now

  @Test func bindsProbesThatHaveJustBegun() {
    var slots = ProbeSlots(fresh: 2, total: 3)
    let taken = (1...3).map { slots.take($0, at: start) }
    #expect(taken == [true, true, false])
    slots.release(1)
    let again = slots.take(3, at: start)
    #expect(again)
  }

  @Test func letsOthersPassThoseThatWait() {
    var slots = ProbeSlots(fresh: 2, total: 3)
    for probe in 1...2 { _ = slots.take(probe, at: start) }
    let free = slots.nextFree
    #expect(free == start + ProbeSlots.patience)
    let taken = slots.take(3, at: start + ProbeSlots.patience)
    #expect(taken, "two that hang hold nobody up")
    let overTheTotal = slots.take(4, at: start + .seconds(9))
    #expect(!overTheTotal)
    #expect(slots.nextFree == nil, "only an end frees one")
  }
}
