import HTTPTransport
package import ProxmoxAPI
package import ProxmoxInventory
package import RouteModel

/// The result of reading a guest's addresses.
package struct AddressReading: Sendable {
  /// Nil if the known addresses stay.
  package var addresses: [GuestAddress]?
  /// The configured addresses. They are used only while no address reported by the guest itself is known.
  package var fallback: [GuestAddress] = []
  /// Why the guest reported no address by which it can be found; nil if it did.
  package var shortfall: AddressShortfall?
  /// The network cards in the configuration; nil if they were not needed.
  var cards: GuestCards?

  init(
    addresses: [GuestAddress]? = nil, fallback: [GuestAddress] = [], shortfall: AddressShortfall? = nil,
    cards: GuestCards? = nil
  ) {
    (self.addresses, self.fallback, self.shortfall, self.cards) = (addresses, fallback, shortfall, cards)
  }

  /// The addresses that a running guest reported.
  init(running addresses: [GuestAddress]) {
    self.init(addresses: addresses, shortfall: addresses.contains(where: \.isSignificant) ? nil : .noAddress)
  }

  /// The configured addresses, if nothing better is available.
  init(configured cards: GuestCards?, or shortfall: AddressShortfall) {
    let addresses = cards?.configured ?? []
    self.init(addresses: addresses, shortfall: addresses.isEmpty ? shortfall : nil, cards: cards)
  }

  var outcome: AddressPlan.Outcome { shortfall?.outcome ?? .complete }

  /// The address at which a route would reach the guest without any preference; nil if none is known.
  ///
  /// - Parameter loopback: `discovery.loopback_guests`.
  package func target(allowingLoopback loopback: Bool) -> IPAddress? {
    let claims = AddressClaims(allowsLoopback: loopback)
    return AddressRanking().ranked(addresses ?? fallback).first { $0.isSignificant && claims.allow($0.address) }?
      .address
  }
}

/// Why a guest's addresses are not known, or may be outdated.
package enum AddressShortfall: Hashable, Sendable {
  /// The guest is stopped, and its configuration has no address.
  case stopped
  /// The guest runs, and no interface that could identify it has an address.
  case noAddress
  /// The VM's configuration has neither a guest agent nor a static address.
  case agentNotEnabled(vmid: VMID)
  /// The agent is configured and does not answer.
  case agentSilent(String)
  /// The agent answers and refuses the call.
  case agentRefused(String)
  /// Before PVE 8.1, a container's addresses come only from its configuration, which has none.
  case predatesInterfaces
  /// Before pve-container 5.2.0, only the container's own node knows its interfaces.
  case asksOwnNode(String)
  /// PVE hides the configuration of a container with environment variables from read-only users.
  case environmentRefused(String)
  case forbidden(ProxmoxError.Privilege?, String)
  case nodeUnreachable(String)
  /// The guest was moved or removed in the meantime.
  case gone(String)
  /// Says nothing about the guest: the endpoint did not answer.
  case endpointDown(String)
  case failed(String)

  init(_ error: ProxmoxError) {
    let text = error.description
    switch error {
    case .nodeUnreachable: self = .nodeUnreachable(text)
    case .notFound: self = .gone(text)
    case .forbidden where error.isEnvironmentRefusal: self = .environmentRefused(text)
    case .forbidden(let privilege, let text): self = .forbidden(privilege, text)
    default: self = AddressPlan.Outcome(error) == .endpointDown ? .endpointDown(text) : .failed(text)
    }
  }

  var outcome: AddressPlan.Outcome {
    switch self {
    case .stopped, .agentNotEnabled, .predatesInterfaces: .complete
    case .noAddress, .asksOwnNode: .withoutAddress
    case .agentSilent, .agentRefused: .agentSilent
    case .environmentRefused, .forbidden, .gone, .failed: .failed
    case .nodeUnreachable: .nodeUnreachable
    case .endpointDown: .endpointDown
    }
  }

  /// A sentence for the guest's `error`; nil if nothing is wrong.
  package var text: String? {
    switch self {
    case .stopped: nil
    case .noAddress: "it runs, and no interface by which it could be found has an address"
    case .agentNotEnabled(let vmid):
      "the VM's configuration has neither a guest agent nor a static address: qm set \(vmid) --agent enabled=1, and "
        + "install qemu-guest-agent in the VM"
    case .agentSilent(let text):
      "the guest agent does not answer (\(text)): install and start qemu-guest-agent in the VM"
    case .agentRefused(let text):
      "the guest agent answers and refuses (\(text)): allow guest-network-get-interfaces in its configuration"
    case .predatesInterfaces:
      "PVE before 8.1 knows no addresses that a container got by DHCP: update PVE, or give it a static address"
    case .asksOwnNode(let node):
      "PVE reports no interfaces of it through this endpoint; before pve-container 5.2.0 only its own node (\(node)) does: "
        + "update PVE, put that node's endpoint first, or give the container a static address"
    case .forbidden(let privilege, let text): ProxmoxError.forbidden(privilege, text).description
    case .environmentRefused(let text), .nodeUnreachable(let text), .gone(let text), .endpointDown(let text),
      .failed(let text):
      text
    }
  }
}

extension AddressPlan.Outcome {
  init(_ error: ProxmoxError) {
    switch error {
    case .nodeUnreachable: self = .nodeUnreachable
    case .unauthorized, .fingerprintMismatch: self = .endpointDown
    // A call that hangs or breaks off is a problem of the guest; a refused connection is one of the endpoint.
    case .transport(.timedOut), .transport(.connectionClosed), .transport(.bodyTooLarge): self = .failed
    case .transport: self = .endpointDown
    default: self = .failed
    }
  }
}
