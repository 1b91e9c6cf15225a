import RouteModel

/// Decides what to read from PVE besides the one call that lists all guests: a state machine without a clock of its
/// own.
///
/// ``update(_:at:)`` applies each poll's list; ``next(at:)`` returns reads as far as the limits allow, and
/// ``finish(_:_:hasNews:at:)`` records their results. A guest is read when it is new, started, moved or stopped, when
/// its route fails (less and less often while nothing new is found), and when its refresh is due. The oldest goes
/// first, so that on a slow cluster the refresh interval stretches and no guest starves.
struct AddressPlan: Sendable {
  /// A refused call costs a node nothing, but a hanging one occupies one of three workers: hence so few at once, polls
  /// included.
  static let requestsPerCluster = 6
  static let readsPerNode = 2
  /// A silent guest agent blocks one of the node's three workers for 3 s.
  static let agentReadsPerNode = 1
  /// Addresses of nodes change rarely, and a node that appears or disappears triggers a read at once.
  static let refreshesPerNodeRead = 2

  let interval: Duration
  let refresh: Duration
  /// The time of the first poll; from then on each guest has a fixed offset within the refresh interval.
  private var epoch: ContinuousClock.Instant?
  private var guests: [VMID: Entry] = [:]
  private var networks: [String: NetworkEntry] = [:]
  private var membersDue: ContinuousClock.Instant?
  private var queues: [Lane: [Read]] = [:]
  private var flights = Flights()
  private var unreachableNodes: [String: ContinuousClock.Instant] = [:]
  /// The number of polls in flight. Reads use the remaining slots; the youngest one is cancelled to make room for a
  /// poll.
  var polls = 0
  private var isHalted = false
  private var wanted: Set<VMID> = []
  /// Guests of the first poll that can be read and have not been read yet; nil before the first poll.
  private var unasked: Set<VMID>?

  init(interval: Duration, refresh: Duration) { (self.interval, self.refresh) = (interval, refresh) }

  /// Applies a poll's list, forgets what is gone, and orders what is due.
  mutating func update(_ poll: Poll, at now: ContinuousClock.Instant) {
    isHalted = false
    if epoch == nil { epoch = now }
    unreachableNodes = unreachableNodes.filter { $0.value > now }
    let known = Set(networks.keys)
    networks = Dictionary(poll.nodes.map { ($0.name, networks[$0.name] ?? NetworkEntry(due: now)) }) { first, _ in first
    }
    if membersDue == nil || known != Set(networks.keys) { membersDue = now }
    updateGuests(poll, at: now)
    resetUnasked(poll)
    arrange(poll, at: now)
  }

  /// Whether every guest from the start has been read once, as far as its node can be reached.
  var isFirstRoundOver: Bool { unasked?.isEmpty ?? false }

  /// Whether the in-flight read is a scheduled refresh.
  func isRoutine(_ read: GuestRead) -> Bool { guests[read.vmid]?.reason == .refresh }

  /// The reads to start now, in order of urgency. Each must be handed to ``finish(_:_:hasNews:at:)``.
  mutating func next(at now: ContinuousClock.Instant) -> [Read] {
    var reads: [Read] = []
    while !isHalted, let read = popMostUrgent(at: now) {
      flights.start(read)
      if case .guest(let guest) = read { guests[guest.vmid]?.isInFlight = true }
      reads.append(read)
    }
    return reads
  }

  /// Whether the answer to an in-flight read still applies to its guest: not if the guest is gone, was started, stopped
  /// or moved in the meantime, or if its VMID was reused.
  func isCurrent(_ read: GuestRead) -> Bool {
    guard let entry = guests[read.vmid] else { return false }
    return entry.isInFlight && entry.read == read && !entry.changedInFlight
  }

  /// Records the end of a read and schedules the next one.
  ///
  /// - Parameter hasNews: whether a guest's addresses changed.
  mutating func finish(_ read: Read, _ outcome: Outcome, hasNews: Bool = false, at now: ContinuousClock.Instant) {
    flights.end(read)
    if case .endpointDown = outcome { isHalted = true }
    if case .nodeUnreachable = outcome, let node = read.node {
      // Each further call to a dead node could hang for 30 s as well.
      unreachableNodes[node] = now + max(interval * 2, .seconds(30))
    }
    recordAsked(read, outcome)
    switch read {
    case .members: membersDue = now + pauseAfterNodeRead(outcome, isFirst: false)
    case .network(let node):
      let isFirst = networks[node]?.wasRead == false
      let pause = pauseAfterNodeRead(outcome, isFirst: isFirst)
      networks[node]?.due = now + pause
      if outcome == .complete { networks[node]?.wasRead = true }
    case .guest(let guest): finish(guest, outcome, hasNews: hasNews, at: now)
    // What remains unexplained is queried again with the next poll.
    case .missing: break
    }
  }
}

// MARK: - The first round

extension AddressPlan {
  private mutating func resetUnasked(_ poll: Poll) {
    if isFirstRoundOver { return }
    let reachable = Set(poll.nodes.lazy.filter { !$0.isOffline }.map(\.name)).subtracting(unreachableNodes.keys)
    unasked = Set(
      guests.lazy.filter { !$0.value.wasAsked && reachable.contains($0.value.read.node) }.map(\.key))
  }

  private mutating func recordAsked(_ read: Read, _ outcome: Outcome) {
    if outcome == .endpointDown || outcome == .recalled { return }
    if case .guest(let guest) = read {
      guests[guest.vmid]?.wasAsked = true
      unasked?.remove(guest.vmid)
    }
    guard outcome == .nodeUnreachable, let node = read.node else { return }
    unasked = unasked?.filter { guests[$0]?.read.node != node }
  }
}

// MARK: - Guests

extension AddressPlan {
  private mutating func updateGuests(_ poll: Poll, at now: ContinuousClock.Instant) {
    var listed: [VMID: Entry] = [:]
    listed.reserveCapacity(poll.guests.count)
    for guest in poll.guests {
      var entry: Entry
      if let known = guests[guest.read.vmid], known.read.isQEMU == guest.read.isQEMU {
        entry = known
        if entry.changes(to: guest) { entry.recordChange(at: now) }
        (entry.read, entry.uptime, entry.name) = (guest.read, guest.uptime ?? entry.uptime, guest.name ?? entry.name)
      } else {
        entry = Entry(guest, due: now)
      }
      if poll.suspects.contains(guest.read.vmid) { entry.suspect(at: now, forgottenAfter: refresh) }
      if poll.waking.contains(guest.read.vmid) { entry.awaken(at: now) }
      listed[guest.read.vmid] = entry
    }
    guests = listed
  }

  private mutating func finish(
    _ read: GuestRead, _ outcome: Outcome, hasNews: Bool, at now: ContinuousClock.Instant
  ) {
    guard var entry = guests[read.vmid], entry.isInFlight else { return }
    entry.isInFlight = false
    defer { guests[read.vmid] = entry }
    if entry.read != read || entry.changedInFlight {
      entry.changedInFlight = false
      entry.due = now
      return
    }
    recordSuspicion(in: &entry, outcome, hasNews: hasNews, at: now)
    switch outcome {
    case .endpointDown, .nodeUnreachable, .recalled: entry.due = now
    case .complete:
      entry.setbacks = 0
      entry.due = now + pauseAfterSuccess(entry, at: now)
      entry.reason = .refresh
    case .withoutAddress, .failed:
      entry.due = now + backoff(entry.setbacks, from: interval)
      entry.setbacks += 1
      entry.reason = .refresh
    case .agentSilent:
      entry.due = now + backoff(entry.setbacks, from: max(interval * 3, .seconds(30)))
      entry.setbacks += 1
      entry.reason = .refresh
    }
  }

  private func recordSuspicion(
    in entry: inout Entry, _ outcome: Outcome, hasNews: Bool, at now: ContinuousClock.Instant
  ) {
    if hasNews {
      entry.trust()
    } else if entry.reason == .suspected, outcome.isOfTheGuest {
      entry.trustedUntil = now + backoff(entry.idleSuspicions, from: interval)
      entry.idleSuspicions += 1
    }
  }

  private func pauseAfterSuccess(_ entry: Entry, at now: ContinuousClock.Instant) -> Duration {
    // Right after a start, a guest often has only some of its addresses.
    if entry.read.isRunning, let uptime = entry.uptime, uptime < 60, entry.reason != .refresh {
      return min(refresh, max(interval, .seconds(30)))
    }
    // Due reads start with the next poll: half an interval less selects the poll at the refresh time.
    let cycle = refresh > interval * 2 ? refresh - interval / 2 : refresh
    // Spreads guests that were read together, at the start or after an outage: each has its own offset.
    let turns = (epoch ?? now).duration(to: now) / cycle - Self.fraction(read: entry.read)
    let pause = cycle * (turns.rounded(.down) + 1 - turns)
    return pause < interval / 2 ? pause + cycle : pause
  }

  private func pauseAfterNodeRead(_ outcome: Outcome, isFirst: Bool) -> Duration {
    switch outcome {
    case .endpointDown, .nodeUnreachable, .recalled: return .zero
    case .failed, .agentSilent, .withoutAddress: return min(refresh, interval * 6)
    case .complete:
      let pause = refresh * Self.refreshesPerNodeRead
      guard isFirst else { return pause }
      // Spreads nodes that were read together, as for guests.
      let turn = networks.values.count(where: \.wasRead) + 1
      return pause * (Double(turn) / Double(networks.count + 1))
    }
  }

  private func backoff(_ setbacks: Int, from first: Duration) -> Duration {
    min(first * (1 << min(setbacks, 10)), max(refresh, first))
  }

  /// A number in 0..<1 that differs widely for adjacent VMIDs.
  private static func fraction(read: GuestRead) -> Double {
    Double(UInt32(truncatingIfNeeded: read.vmid &* 0x9E37_79B1)) / 4_294_967_296
  }
}

// MARK: - Order

extension AddressPlan {
  private mutating func arrange(_ poll: Poll, at now: ContinuousClock.Instant) {
    queues = [:]
    if let membersDue, membersDue <= now, !flights.contains(.members) { queues[.cluster] = [.members] }
    let asked = Set(poll.nodes.filter { $0.isOffline == false && unreachableNodes[$0.name] == nil }.map(\.name))
    var due = guests.values.filter { entry in
      entry.due <= now && !entry.isInFlight && asked.contains(entry.read.node)
    }
    .map { (urgency: $0.urgency(isWanted: poll.wanted.contains($0.read.vmid)), entry: $0) }
    // Reversed, because queues are popped from the end.
    due.sort { ($0.urgency, $0.entry.due, $0.entry.read.vmid) > ($1.urgency, $1.entry.due, $1.entry.read.vmid) }
    for (_, entry) in due { queues[Lane(entry.read), default: []].append(.guest(entry.read)) }
    for (node, entry) in networks
    where entry.due <= now && asked.contains(node) && !flights.contains(.network(node: node)) {
      queues[.calls(node: node), default: []].append(.network(node: node))
    }
    for guest in poll.missing where asked.contains(guest.node) && !flights.contains(.missing(guest)) {
      queues[.calls(node: guest.node), default: []].append(.missing(guest))
    }
    wanted = poll.wanted
  }

  private mutating func popMostUrgent(at now: ContinuousClock.Instant) -> Read? {
    guard flights.total + polls < Self.requestsPerCluster else { return nil }
    let open = queues.filter { lane, queue in
      !queue.isEmpty && flights.hasRoom(in: lane) && lane.node.flatMap { unreachableNodes[$0] } == nil
    }
    let best = open.min { urgency($0.value.last, at: now) < urgency($1.value.last, at: now) }
    return best.flatMap { queues[$0.key]?.popLast() }
  }

  private func urgency(_ read: Read?, at now: ContinuousClock.Instant) -> (Int, ContinuousClock.Instant, VMID) {
    guard case .guest(let guest)? = read, let entry = guests[guest.vmid] else { return (-1, now, 0) }
    return (entry.urgency(isWanted: wanted.contains(guest.vmid)), entry.due, guest.vmid)
  }
}
