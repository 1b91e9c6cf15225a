import RouteModel

extension AddressPlan {
  /// What a poll told, and whose addresses matter.
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
    /// Guests that the list left out, to be asked for one by one.
    var missing: [GuestRead] = []
  }

  /// One thing to ask for; a guest may take two calls.
  enum Read: Hashable, Sendable {
    /// Version, `/cluster/status` and `/nodes`.
    case members
    case network(node: String)
    case guest(GuestRead)
    /// The configuration of a guest that the list left out.
    case missing(GuestRead)

    var node: String? {
      switch self {
      case .members: nil
      case .network(let node): node
      case .guest(let guest), .missing(let guest): guest.node
      }
    }
  }

  /// How a read ended, as far as it decides when to ask again.
  enum Outcome: Hashable, Sendable {
    case complete
    /// The guest runs, but has nothing yet by which it can be found.
    case withoutAddress
    case agentSilent
    /// Of this guest or node alone.
    case failed
    case nodeUnreachable
    /// Nothing more is asked until the next poll found an endpoint.
    case endpointDown
    /// It was ended for a poll, and comes again after that.
    case recalled

    /// Whether it tells of the guest, and not of the way to it.
    var isOfTheGuest: Bool {
      switch self {
      case .complete, .withoutAddress, .agentSilent, .failed: true
      case .nodeUnreachable, .endpointDown, .recalled: false
      }
    }
  }
}
