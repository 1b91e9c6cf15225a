import RouteModel
import Testing

@testable import ProxmoxDiscovery

/// The number of reads over time: the clock is passed in, so that half an hour takes no time.
@Suite("AddressPlan over time") struct AddressBudgetTests {
  typealias Plan = AddressPlan
  private let start = ContinuousClock.now
  private let interval = Duration.seconds(10)

  @Test("In steady state a minute stays within its budget", arguments: [(50, 24), (200, 50)])
  func staysWithinTheBudget(guests: Int, most: Int) {
    var plan = Plan(interval: interval, refresh: .seconds(300))
    let poll = poll(100...(99 + guests), nodes: ["pve1", "pve2", "pve3"])
    var perMinute: [Int: Int] = [:]
    for step in 0...180 {
      let now = start + interval * step
      plan.update(poll, at: now)
      var requests = 1
      while case let reads = plan.next(at: now), !reads.isEmpty {
        for read in reads {
          requests += read == .members ? 3 : 1
          plan.finish(read, .complete, at: now)
        }
      }
      perMinute[step / 6, default: 0] += requests
    }
    // The first minute reads everything; the last one is incomplete.
    for minute in 1..<30 { #expect(perMinute[minute, default: 0] <= most, "minute \(minute)") }
  }

  @Test(
    "Guests that were asked together part again: after they all started, and after an outage", arguments: Crowd.allCases
  )
  func dissolvesCrowds(_ crowd: Crowd) {
    var plan = Plan(interval: interval, refresh: .seconds(300))
    var poll = poll(100...149, nodes: ["pve1", "pve2", "pve3"])
    var perMinute: [Int: Int] = [:]
    for step in 0...240 {
      let now = start + interval * step
      for index in poll.guests.indices {
        poll.guests[index].uptime = crowd == .allStartedJustNow ? 5 + step * 10 : 100_000
      }
      // For ten minutes nothing is answered, and therefore nothing polled.
      if crowd == .outage, (60..<120).contains(step) { continue }
      plan.update(poll, at: now)
      while case let reads = plan.next(at: now), !reads.isEmpty {
        for read in reads {
          if case .guest = read { perMinute[step / 6, default: 0] += 1 }
          plan.finish(read, .complete, at: now)
        }
      }
    }
    // The first minute reads each guest once, or twice if it has just started; the one after an outage reads overdue
    // ones.
    for minute in 1..<40 where minute != 20 { #expect(perMinute[minute, default: 0] <= 15, "minute \(minute)") }
    let asked = perMinute.values.reduce(0, +)
    #expect(asked >= 50 * (crowd == .outage ? 6 : 8), "each within its refresh time")
  }

  enum Crowd: CaseIterable { case allStartedJustNow, outage }

  @Test("However slow the cluster, every guest gets its turn, the oldest first")
  func stretchesTheRefresh() {
    var plan = Plan(interval: interval, refresh: .seconds(300))
    let poll = poll(100...299)
    var asked: [VMID] = []
    // Two reads per interval, although seven are due.
    for step in 0..<600 {
      let now = start + interval * step
      plan.update(poll, at: now)
      for read in plan.next(at: now) {
        if case .guest(let guest) = read { asked.append(guest.vmid) }
        plan.finish(read, .complete, at: now)
      }
    }
    #expect(Set(asked).count == 200)
    var last: [VMID: Int] = [:]
    var longest = 0
    for (turn, vmid) in asked.enumerated() {
      longest = max(longest, turn - (last[vmid] ?? 0))
      last[vmid] = turn
    }
    #expect(longest <= 260, "no guest waits for much longer than one round of all")
  }

  @Test("The first round is over once every guest that can be reached was asked, however that ended")
  func knowsTheFirstRound() {
    var plan = Plan(interval: interval, refresh: .seconds(300))
    var poll = poll(100...107, nodes: ["pve1", "pve2", "pve3"])
    poll.nodes[2].isOffline = true
    #expect(!plan.isFirstRoundOver)
    plan.update(poll, at: start)
    var asked = 0
    while case let reads = plan.next(at: start), !reads.isEmpty {
      for read in reads {
        #expect(!plan.isFirstRoundOver)
        if case .guest = read { asked += 1 }
        plan.finish(read, read.node == "pve1" ? .nodeUnreachable : .failed, at: start)
      }
    }
    #expect(plan.isFirstRoundOver && asked < 8)
    poll.guests = self.poll(100...120, nodes: ["pve1", "pve2", "pve3"]).guests
    plan.update(poll, at: start + interval)
    #expect(plan.isFirstRoundOver, "later guests start no further one")
  }

  private func poll(_ vmids: ClosedRange<Int>, nodes: [String] = ["pve1"]) -> Plan.Poll {
    Plan.Poll(
      nodes: nodes.map { .init(name: $0, isOffline: false) },
      guests: vmids.map { vmid in
        .init(
          read: .init(vmid: vmid, node: nodes[vmid % nodes.count], isQEMU: false, isRunning: true), uptime: 100_000)
      })
  }
}
