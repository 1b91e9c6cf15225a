import RouteModel

extension AddressPlan {
  /// The result of a poll, and the guests whose addresses matter most.
  struct Poll: Sendable {
    struct Node: Sendable {
      var name: String
      var isOffline: Bool
    }

    struct Guest: Sendable {
      var read: GuestRead
      /// In seconds.
      var uptime: Int?
      var name: String?
    }

    var nodes: [Node] = []
    /// Without templates.
    var guests: [Guest] = []
    /// Guests that a route may link to.
    var wanted: Set<VMID> = []
    /// Guests behind a failing route.
    var suspects: Set<VMID> = []
    /// Guests that somebody waits for, and that run.
    var waking: Set<VMID> = []
    /// Guests missing from the list, each to be queried by itself.
    var missing: [GuestRead] = []
  }

  /// One thing to read; a guest may take two calls.
  enum Read: Hashable, Sendable {
    /// Version, `/cluster/status` and `/nodes`.
    case members
    case network(node: String)
    case guest(GuestRead)
    /// The configuration of a guest that is missing from the list.
    case missing(GuestRead)

    var node: String? {
      switch self {
      case .members: nil
      case .network(let node): node
      case .guest(let guest), .missing(let guest): guest.node
      }
    }
  }

  /// How a read ended, as far as it affects the time of the next one.
  enum Outcome: Hashable, Sendable {
    case complete
    /// The guest runs, but has no address yet by which it can be found.
    case withoutAddress
    case agentSilent
    /// Failed for this guest or node only.
    case failed
    case nodeUnreachable
    /// No more reads until a poll has found an endpoint.
    case endpointDown
    /// Cancelled in favour of a poll; repeated after it.
    case recalled

    /// Whether the outcome describes the guest, not the connection to it.
    var isOfTheGuest: Bool {
      switch self {
      case .complete, .withoutAddress, .agentSilent, .failed: true
      case .nodeUnreachable, .endpointDown, .recalled: false
      }
    }
  }
}
