import RouteModel

extension AddressPlan {
  /// Why a guest is read, most urgent first.
  enum Reason: Int, Sendable { case suspected, changed, refresh }

  /// The plan's state for one guest.
  struct Entry: Sendable {
    var read: GuestRead
    var uptime: Int?
    var name: String?
    /// Whether a read of the guest has finished.
    var wasAsked = false
    var due: ContinuousClock.Instant
    var reason: Reason
    var isInFlight = false
    /// Whether the guest changed after its read was sent, so that the answer may predate the change.
    var changedInFlight = false
    /// Consecutive reads that found nothing.
    var setbacks = 0
    /// Consecutive reads that were caused by a suspicion and found nothing new.
    var idleSuspicions = 0
    /// Further suspicions before this time do not cause a read.
    var trustedUntil: ContinuousClock.Instant?

    init(_ guest: Poll.Guest, due: ContinuousClock.Instant) {
      (read, uptime, name, reason) = (guest.read, guest.uptime, guest.name, .changed)
      self.due = due
    }

    /// Whether the guest was started, stopped or moved, or has another name, as it has if its VMID was reused.
    func changes(to guest: Poll.Guest) -> Bool {
      // PVE may not know the uptime for a while.
      let wasRestarted = guest.read.isRunning && guest.uptime.map { $0 < uptime ?? 0 } ?? false
      return read != guest.read || wasRestarted || (name != nil && guest.name != nil && name != guest.name)
    }

    /// Schedules a read at once: an answer from before the change is out of date.
    mutating func recordChange(at now: ContinuousClock.Instant) {
      if isInFlight { changedInFlight = true } else { due = min(due, now) }
      setbacks = 0
      trust()
      reason = .changed
    }

    /// Schedules a read at once, unless one is in flight or a recent one answered. A suspicion does not hasten the read
    /// of a guest that cannot report its addresses: the route to a hanging guest fails at every probe, and each read
    /// occupies a PVE worker.
    mutating func suspect(at now: ContinuousClock.Instant, forgottenAfter pause: Duration) {
      guard !isInFlight, setbacks == 0 else { return }
      if let trustedUntil {
        guard trustedUntil <= now else { return }
        if trustedUntil + pause < now { trust() }
      }
      due = min(due, now)
      reason = .suspected
    }

    /// Schedules a read at once, however little the last ones have found: the guest is just coming up.
    mutating func awaken(at now: ContinuousClock.Instant) {
      guard !isInFlight else { return }
      setbacks = 0
      trust()
      due = min(due, now)
      reason = .suspected
    }

    /// Allows the next suspicion to cause a read at once.
    mutating func trust() { (idleSuspicions, trustedUntil) = (0, nil) }

    func urgency(isWanted: Bool) -> Int {
      switch reason {
      case .suspected: 0
      case .changed: isWanted ? 1 : 2
      case .refresh: 3
      }
    }
  }

  /// The plan's state for one node.
  struct NetworkEntry: Sendable {
    var due: ContinuousClock.Instant
    var wasRead = false
  }

  /// Reads that share a limit.
  enum Lane: Hashable, Sendable {
    case cluster
    case calls(node: String)
    /// Running VMs, whose addresses come from their guest agent.
    case agents(node: String)

    init(_ read: GuestRead) {
      self = read.isQEMU && read.isRunning ? .agents(node: read.node) : .calls(node: read.node)
    }

    init(_ read: Read) {
      switch read {
      case .members: self = .cluster
      case .missing(let guest): self = .calls(node: guest.node)
      case .network(let node): self = .calls(node: node)
      case .guest(let guest): self = Lane(guest)
      }
    }

    var node: String? {
      switch self {
      case .cluster: nil
      case .calls(let node), .agents(let node): node
      }
    }
  }

  /// The reads in flight.
  struct Flights: Sendable {
    private(set) var total = 0
    private var byLane: [Lane: Int] = [:]
    private var others: Set<Read> = []

    /// Whether a read other than a guest's is in flight.
    func contains(_ read: Read) -> Bool { others.contains(read) }

    func hasRoom(in lane: Lane) -> Bool {
      guard let node = lane.node else { return true }
      let agents = byLane[.agents(node: node)] ?? 0
      if case .agents = lane, agents >= AddressPlan.agentReadsPerNode { return false }
      return agents + (byLane[.calls(node: node)] ?? 0) < AddressPlan.readsPerNode
    }

    mutating func start(_ read: Read) {
      total += 1
      byLane[Lane(read), default: 0] += 1
      if case .guest = read { return }
      others.insert(read)
    }

    mutating func end(_ read: Read) {
      total -= 1
      let lane = Lane(read)
      let count = (byLane[lane] ?? 0) - 1
      byLane[lane] = count > 0 ? count : nil
      others.remove(read)
    }
  }
}
