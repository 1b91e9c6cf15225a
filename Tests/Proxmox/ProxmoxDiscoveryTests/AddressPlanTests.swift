import RouteModel
import Testing

@testable import ProxmoxDiscovery

@Suite("AddressPlan") struct AddressPlanTests {
  typealias Plan = AddressPlan
  private let start = ContinuousClock.now
  private let interval = Duration.seconds(10)
  private let refresh = Duration.seconds(300)

  @Test("In a new cluster, members and nodes are read first, then every guest, within the limits")
  func asksForAllOnce() {
    var plan = makePlan()
    plan.update(poll(100...119, nodes: ["pve1", "pve2"]), at: start)
    let first = plan.next(at: start)
    #expect(first.prefix(3).contains(.members))
    #expect(first.contains(.network(node: "pve1")) && first.contains(.network(node: "pve2")))
    #expect(first.count == 5)
    #expect(plan.next(at: start).isEmpty)
    let order = drain(&plan, inFlight: first, at: start)
    #expect(Set(order) == Set(100...119))
    #expect(order.count == 20)
  }

  @Test("Never more than six at once, two on a node, and one guest agent on a node")
  func keepsLimits() {
    var plan = makePlan()
    var poll = poll(100...139, nodes: ["a", "b", "c", "d"])
    for index in poll.guests.indices where index % 2 == 0 { poll.guests[index].read.isQEMU = true }
    plan.update(poll, at: start)
    var flying: [Plan.Read] = []
    var seen = 0
    repeat {
      flying += plan.next(at: start)
      #expect(flying.count <= 6)
      for node in ["a", "b", "c", "d"] {
        let here = flying.filter { $0.node == node }
        #expect(here.count <= 2)
        #expect(here.filter { Plan.Lane($0) == .agents(node: node) }.count <= 1)
      }
      guard let done = flying.first else { break }
      flying.removeFirst()
      seen += 1
      plan.finish(done, .complete, at: start)
    } while seen < 1000
    #expect(seen == 40 + 4 + 1)
  }

  @Test("Each poll in progress takes one of the six slots", arguments: [(0, 6), (1, 5), (2, 4), (3, 3)])
  func leavesPlacesForPolls(polls: Int, reads: Int) {
    var plan = makePlan()
    plan.update(poll(100...139, nodes: ["a", "b", "c", "d"]), at: start)
    plan.polls = polls
    #expect(plan.next(at: start).count == reads)
  }

  @Test("A read that was cancelled for a poll is due with the next one, and does not affect its guest")
  func repeatsRecalledReads() {
    var plan = makePlan()
    var poll = poll(100...100)
    plan.update(poll, at: start)
    settle(&plan, at: start)
    poll.suspects = [100]
    plan.update(poll, at: start + interval)
    let read = plan.next(at: start + interval)
    #expect(read.count == 1)
    for read in read { plan.finish(read, .recalled, at: start + interval) }
    #expect(plan.next(at: start + interval).isEmpty)
    poll.suspects = []
    plan.update(poll, at: start + interval)
    #expect(plan.next(at: start + interval) == read)
  }

  @Test("A starting guest is read with every poll, whatever the last reads found")
  func readsWhatIsComingUp() {
    var plan = makePlan()
    var poll = poll(100...100)
    plan.update(poll, at: start)
    settle(&plan, at: start)
    poll.waking = [100]
    for second in 1...3 {
      let now = start + .seconds(second)
      plan.update(poll, at: now)
      let reads = plan.next(at: now)
      #expect(reads.count == 1, "look \(second)")
      for read in reads { plan.finish(read, .withoutAddress, at: now) }
    }
  }

  @Test("Reads about missing guests keep the limits too, and precede all others of the node")
  func keepsLimitsForMissingGuests() {
    var plan = makePlan()
    var poll = poll(100...111, nodes: ["a", "b", "c"])
    plan.update(poll, at: start)
    settle(&plan, at: start)
    poll.guests = guests(100...131)
    poll.missing = (900...903).map { .init(vmid: $0, node: "pve1", isQEMU: false, isRunning: false) }
    poll.nodes.append(.init(name: "pve1", isOffline: false))
    plan.update(poll, at: start + interval)
    let reads = plan.next(at: start + interval)
    #expect(reads.count <= 5 && reads.filter { $0.node == "pve1" }.count == 2)
    #expect(reads.contains(.missing(poll.missing[3])))
    for read in reads { plan.finish(read, .failed, at: start + interval) }
    plan.update(poll, at: start + interval * 2)
    #expect(plan.next(at: start + interval * 2).contains(.missing(poll.missing[3])), "still not explained")
  }

  @Test("Guests of failing routes are read first, then those that a route may need")
  func prefersWanted() {
    var plan = makePlan()
    var poll = poll(100...109)
    plan.update(poll, at: start)
    settle(&plan, at: start)
    poll.guests = guests(100...119)
    poll.wanted = [119, 105]
    poll.suspects = [103]
    plan.update(poll, at: start + interval)
    let order = drain(&plan, inFlight: [], at: start + interval)
    #expect(order.prefix(2) == [103, 119])
    #expect(Set(order) == Set([103] + Array(110...119)))
  }

  @Test("A guest is read again after a change, and when its refresh is due", arguments: changeRows)
  func asksWhenChanged(_ row: ChangeRow) {
    var plan = makePlan()
    var poll = poll(100...102)
    poll.nodes.append(.init(name: "pve2", isOffline: false))
    plan.update(poll, at: start)
    settle(&plan, at: start)
    row.apply(to: &poll.guests[1])
    plan.update(poll, at: start + interval)
    #expect(drain(&plan, inFlight: [], at: start + interval) == (row.isAsked ? [101] : []))
  }

  @Test("Refreshes are in time and spread over the interval")
  func spreadsRefreshes() {
    var plan = makePlan()
    let poll = poll(100...399, nodes: ["pve1", "pve2", "pve3"])
    plan.update(poll, at: start)
    settle(&plan, at: start)
    var asked: [VMID: Int] = [:]
    var most = 0
    for step in 1...31 {
      let now = start + interval * step
      plan.update(poll, at: now)
      let order = drain(&plan, inFlight: [], at: now)
      most = max(most, order.count)
      for vmid in order { asked[vmid, default: 0] += 1 }
    }
    #expect(asked.count == 300)
    #expect(most < 30)
  }

  @Test("A failing guest is read less and less often, and the others as before")
  func backsOff() {
    var plan = makePlan()
    let poll = poll(100...101)
    var times: [Int] = []
    for step in 0...120 {
      let now = start + interval * step
      plan.update(poll, at: now)
      while case let reads = plan.next(at: now), !reads.isEmpty {
        for read in reads {
          let isBroken = read == .guest(poll.guests[0].read)
          if isBroken { times.append(step) }
          plan.finish(read, isBroken ? .failed : .complete, at: now)
        }
      }
    }
    #expect(times.starts(with: [0, 1, 3, 7, 15]))
    #expect(times.count < 10)
  }

  @Test("A silent guest agent is not called for minutes, however often its route fails", arguments: [false, true])
  func backsOffFromSilentAgents(isSuspected: Bool) {
    var plan = makePlan()
    var poll = poll(100...100)
    poll.guests[0].read.isQEMU = true
    if isSuspected { poll.suspects = [100] }
    let times = askedSteps(&plan, 0...60) { _ in (poll, .agentSilent, false) }
    #expect(times.prefix(4) == [0, 3, 9, 21])
  }

  @Test("While a route fails and its guest's addresses are unchanged, the guest is read at doubling intervals")
  func doublesTheDistancesOfSuspicion() {
    var plan = Plan(interval: interval, refresh: .seconds(6000))
    var poll = poll(100...100)
    poll.suspects = [100]
    let times = askedSteps(&plan, 0...100) { step in (poll, .complete, step == 0) }
    #expect(times == [0, 1, 2, 4, 8, 16, 32, 64])
  }

  @Test("A suspicion causes a read at once again after news, a restart or a long time", arguments: Relief.allCases)
  func followsNewSuspicion(_ relief: Relief) {
    var plan = Plan(interval: interval, refresh: .seconds(2000))
    let times = askedSteps(&plan, 0...300) { step in
      var poll = poll(100...100)
      let isQuiet = relief == .peace ? (17...270).contains(step) : (17...18).contains(step)
      if !isQuiet { poll.suspects = [100] }
      if relief == .restart { poll.guests[0].uptime = step < 18 ? 100_000 + step * 10 : 100 + step * 10 }
      return (poll, .complete, step == 0 || relief == .news && step == 32)
    }
    let expected: [Int] =
      switch relief {
      case .news: [32, 33, 34, 36]
      case .restart: [18, 19, 20, 22]
      case .peace: [271, 272, 274, 278]
      }
    #expect(times.filter { $0 >= expected[0] }.prefix(4) == expected[...])
  }

  enum Relief: CaseIterable { case news, restart, peace }

  @Test("A running guest without an address is read again soon")
  func asksAgainWithoutAddress() {
    var plan = makePlan()
    let poll = poll(100...100)
    plan.update(poll, at: start)
    for read in plan.next(at: start) {
      plan.finish(read, read == .guest(poll.guests[0].read) ? .withoutAddress : .complete, at: start)
    }
    plan.update(poll, at: start + interval)
    #expect(drain(&plan, inFlight: [], at: start + interval) == [100])
  }

  @Test("The guests of an unreachable node are not read, the others are")
  func sparesUnreachableNodes() {
    var plan = makePlan()
    let poll = poll(100...119, nodes: ["pve1", "pve2"])
    plan.update(poll, at: start)
    var order: [VMID] = []
    while case let reads = plan.next(at: start), !reads.isEmpty {
      for read in reads {
        if case .guest(let guest) = read { order.append(guest.vmid) }
        plan.finish(read, read.node == "pve1" ? .nodeUnreachable : .complete, at: start)
      }
    }
    #expect(order.filter { $0 % 2 == 1 }.count == 10)
    #expect(order.filter { $0 % 2 == 0 }.count <= 2)
    // Each further call to the node could hang for 30 s as well.
    let soon = start + .seconds(29)
    plan.update(poll, at: soon)
    #expect(drain(&plan, inFlight: [], at: soon).allSatisfy { $0 % 2 == 1 })
    // The node is tried again later, and none of its guests has been forgotten.
    let later = start + .seconds(31)
    plan.update(poll, at: later)
    #expect(Set(drain(&plan, inFlight: [], at: later)).isSuperset(of: stride(from: 100, to: 120, by: 2)))
  }

  @Test("The guests of an offline node are not read until it is back")
  func sparesOfflineNodes() {
    var plan = makePlan()
    var poll = poll(100...103, nodes: ["pve1", "pve2"])
    poll.nodes[0].isOffline = true
    plan.update(poll, at: start)
    #expect(Set(drain(&plan, inFlight: [], at: start)) == [101, 103])
    poll.nodes[0].isOffline = false
    plan.update(poll, at: start + interval)
    #expect(Set(drain(&plan, inFlight: [], at: start + interval)) == [100, 102])
  }

  @Test("With the endpoint down, nothing is read until the next poll")
  func haltsWithTheEndpoint() throws {
    var plan = makePlan()
    let poll = poll(100...119)
    plan.update(poll, at: start)
    let flying = plan.next(at: start)
    for read in flying { plan.finish(read, .endpointDown, at: start) }
    #expect(plan.next(at: start).isEmpty)
    plan.update(poll, at: start + interval)
    #expect(Set(drain(&plan, inFlight: [], at: start + interval)) == Set(100...119))
  }

  @Test("A guest that changed during its read is read once more")
  func asksAgainAfterAChangeInFlight() throws {
    var plan = makePlan()
    var poll = poll(100...100)
    plan.update(poll, at: start)
    let flying = plan.next(at: start)
    poll.guests[0].read.node = "pve2"
    poll.nodes.append(.init(name: "pve2", isOffline: false))
    plan.update(poll, at: start + interval)
    for read in flying { plan.finish(read, .complete, at: start + interval) }
    plan.update(poll, at: start + interval * 2)
    #expect(drain(&plan, inFlight: [], at: start + interval * 2) == [100])
  }

  @Test("An answer is used only if its guest has not changed", arguments: changeRows)
  func detectsOutdatedReads(_ row: ChangeRow) throws {
    var plan = makePlan()
    var poll = poll(101...101)
    let read = poll.guests[0].read
    plan.update(poll, at: start)
    #expect(!plan.isCurrent(read))
    #expect(plan.next(at: start).contains(.guest(read)))
    #expect(plan.isCurrent(read))
    row.apply(to: &poll.guests[0])
    plan.update(poll, at: start + interval)
    #expect(plan.isCurrent(read) == !row.isAsked)
    poll.guests = []
    plan.update(poll, at: start + interval * 2)
    #expect(!plan.isCurrent(read))
  }

  @Test("A removed guest is forgotten, and read again when it is back")
  func forgets() {
    var plan = makePlan()
    plan.update(poll(100...101), at: start)
    settle(&plan, at: start)
    plan.update(poll(101...101), at: start + interval)
    #expect(drain(&plan, inFlight: [], at: start + interval).isEmpty)
    plan.update(poll(100...101), at: start + interval * 2)
    #expect(drain(&plan, inFlight: [], at: start + interval * 2) == [100])
  }

  // MARK: -

  private func makePlan() -> Plan { Plan(interval: interval, refresh: refresh) }

  private func guests(_ vmids: ClosedRange<Int>, nodes: [String] = ["pve1"]) -> [Plan.Poll.Guest] {
    vmids.map { vmid in
      .init(
        read: .init(vmid: vmid, node: nodes[vmid % nodes.count], isQEMU: false, isRunning: true), uptime: 100_000,
        name: "plex")
    }
  }

  private func poll(_ vmids: ClosedRange<Int>, nodes: [String] = ["pve1"]) -> Plan.Poll {
    Plan.Poll(nodes: nodes.map { .init(name: $0, isOffline: false) }, guests: guests(vmids, nodes: nodes))
  }

  /// Finishes everything successfully; returns the guests in the order of their reads.
  private func drain(_ plan: inout Plan, inFlight: [Plan.Read], at now: ContinuousClock.Instant) -> [VMID] {
    var flying = inFlight + plan.next(at: now)
    var order: [VMID] = []
    while !flying.isEmpty {
      let read = flying.removeFirst()
      if case .guest(let guest) = read { order.append(guest.vmid) }
      plan.finish(read, .complete, at: now)
      flying += plan.next(at: now)
    }
    return order
  }

  /// Polls at each step and ends reads as given; returns the steps at which a guest was read.
  private func askedSteps(
    _ plan: inout Plan, _ steps: ClosedRange<Int>,
    _ world: (Int) -> (poll: Plan.Poll, outcome: Plan.Outcome, hasNews: Bool)
  ) -> [Int] {
    var asked: [Int] = []
    for step in steps {
      let now = start + interval * step
      let (poll, outcome, hasNews) = world(step)
      plan.update(poll, at: now)
      while case let reads = plan.next(at: now), !reads.isEmpty {
        for read in reads {
          guard case .guest = read else {
            plan.finish(read, .complete, at: now)
            continue
          }
          asked.append(step)
          plan.finish(read, outcome, hasNews: hasNews, at: now)
        }
      }
    }
    return asked
  }

  private func settle(_ plan: inout Plan, at now: ContinuousClock.Instant) {
    _ = drain(&plan, inFlight: [], at: now)
  }
}

struct ChangeRow: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var uptime: Int? = 100_010
  var node = "pve1"
  var isRunning = true
  var isQEMU = false
  var name = "plex"
  var isAsked = true

  func apply(to guest: inout AddressPlan.Poll.Guest) {
    (guest.uptime, guest.name) = (uptime, name)
    (guest.read.node, guest.read.isRunning, guest.read.isQEMU) = (node, isRunning, isQEMU)
  }
}

private let changeRows: [ChangeRow] = [
  ChangeRow(testDescription: "only older", isAsked: false),
  ChangeRow(testDescription: "started again", uptime: 3),
  ChangeRow(testDescription: "stopped", uptime: 0, isRunning: false),
  ChangeRow(testDescription: "moved", node: "pve2"),
  ChangeRow(testDescription: "another guest of that number", isQEMU: true),
  ChangeRow(testDescription: "another name", name: "other"),
]
