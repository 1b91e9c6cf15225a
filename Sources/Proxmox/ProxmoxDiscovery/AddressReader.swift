import HTTPTransport
import ProxmoxAPI
import ProxmoxInventory
import RouteModel

/// Reads the addresses of one guest, by what it is and whether it runs.
struct AddressReader: Sendable {
  /// What a read found.
  struct Reading: Sendable {
    var outcome: AddressPlan.Outcome
    /// Nil where the addresses known before stay.
    var addresses: [GuestAddress]?
    /// For a person; nil when all was fine.
    var error: String?
    /// What the configuration tells of the network cards; nil where it was not needed.
    var cards: GuestCards?
  }

  let client: ProxmoxClient
  /// The guest's own node, where another one may not know its interfaces.
  var ownNode: ProxmoxClient?

  /// - Parameter cards: what was read of the configuration before, where that still holds.
  func read(_ guest: AddressPlan.GuestRead, cards: GuestCards? = nil) async -> Reading {
    do throws(ProxmoxError) {
      switch (guest.isQEMU, guest.isRunning) {
      case (false, true): return try await runningContainer(guest, cards)
      case (false, false): return Reading(configured: try await containerCards(guest))
      case (true, true): return try await runningMachine(guest, cards)
      case (true, false): return Reading(configured: try await machineCards(guest))
      }
    } catch {
      return Reading(
        outcome: AddressPlan.Outcome(error), addresses: nil, error: error.description, cards: cards)
    }
  }

  private func containerCards(_ guest: AddressPlan.GuestRead) async throws(ProxmoxError) -> GuestCards {
    GuestCards(try await client.lxcConfig(node: guest.node, vmid: guest.vmid).networks)
  }

  private func machineCards(_ guest: AddressPlan.GuestRead) async throws(ProxmoxError) -> GuestCards {
    let config = try await client.qemuConfig(node: guest.node, vmid: guest.vmid)
    return GuestCards(config.networks, hasAgent: config.isAgentEnabled)
  }
}

// MARK: - Containers

extension AddressReader {
  private func runningContainer(
    _ guest: AddressPlan.GuestRead, _ cards: GuestCards?
  ) async throws(ProxmoxError) -> Reading {
    do throws(ProxmoxError) {
      if let interfaces = try await client.lxcInterfaces(node: guest.node, vmid: guest.vmid) {
        return await reading(of: interfaces, guest, cards)
      }
    } catch .notImplemented {
      // Before PVE 8.1.
      return Reading(configured: try await containerCards(guest))
    }
    if let interfaces = try? await ownNode?.lxcInterfaces(node: guest.node, vmid: guest.vmid) {
      return await reading(of: interfaces, guest, cards)
    }
    return try await silentContainer(guest)
  }

  /// The configuration is asked for only where a MAC decides something: where several interfaces have addresses.
  private func reading(
    of interfaces: [GuestInterface], _ guest: AddressPlan.GuestRead, _ cards: GuestCards?
  ) async -> Reading {
    let plain = interfaces.flatMap { GuestAddress.all(of: $0, source: .interfaces, cards: nil) }
    guard Set(plain.lazy.filter(\.isSignificant).map(\.interface)).count > 1 else { return Reading(running: plain) }
    var cards = cards
    if cards == nil { cards = try? await containerCards(guest) }
    var reading = Reading(
      running: interfaces.flatMap { GuestAddress.all(of: $0, source: .interfaces, cards: cards) })
    reading.cards = cards
    return reading
  }

  /// One whose interfaces are null: it does not run any more, or not there, or PVE before pve-container 5.2.0 (8.1, 8.2)
  /// is asked through another node, which then looks at its own containers only.
  private func silentContainer(_ guest: AddressPlan.GuestRead) async throws(ProxmoxError) -> Reading {
    let cards = try await containerCards(guest)
    guard cards.configured.isEmpty else {
      return Reading(outcome: .withoutAddress, addresses: cards.configured, error: nil, cards: cards)
    }
    return Reading(
      outcome: .withoutAddress, addresses: nil,
      error: "PVE tells no interfaces of it through this endpoint; before pve-container 5.2.0 only its own node "
        + "(\(guest.node)) does: update PVE, put that node's endpoint first, or give the container a static address",
      cards: cards)
  }
}

// MARK: - Virtual machines

extension AddressReader {
  /// Whether a VM has an agent shows in its configuration, which is read again only when the VM was started anew: to ask
  /// one that has none, or is silent, costs its node a worker.
  private func runningMachine(
    _ guest: AddressPlan.GuestRead, _ known: GuestCards?
  ) async throws(ProxmoxError) -> Reading {
    var cards = known
    if cards?.hasAgent != true { cards = try await machineCards(guest) }
    guard let cards, cards.hasAgent else { return Reading(configured: cards) }
    let fallback = cards.configured.isEmpty ? nil : cards.configured
    do throws(ProxmoxError) {
      let interfaces = try await client.qemuAgentInterfaces(node: guest.node, vmid: guest.vmid)
      var reading = Reading(running: interfaces.flatMap { GuestAddress.all(of: $0, source: .agent, cards: cards) })
      reading.cards = cards
      // One that boots has none yet.
      if reading.outcome == .withoutAddress, let fallback { reading.addresses = fallback }
      return reading
    } catch .server(_, let text) {
      // PVE says "QEMU guest agent is not running" after 3 s, or "… got timeout" after 5.
      return Reading(
        outcome: .agentSilent, addresses: fallback,
        error: "the guest agent does not answer (\(text)): install and start qemu-guest-agent in the VM", cards: cards)
    } catch .forbidden(let privilege, let text) {
      return Reading(
        outcome: .failed, addresses: fallback, error: ProxmoxError.forbidden(privilege, text).description, cards: cards)
    }
  }
}

extension AddressReader.Reading {
  /// What a running guest reported of itself.
  init(running addresses: [GuestAddress]) {
    let isFound = addresses.contains(where: \.isSignificant)
    self.init(outcome: isFound ? .complete : .withoutAddress, addresses: addresses, error: nil)
  }

  /// What a configuration states, where nothing better can be had.
  fileprivate init(configured cards: GuestCards?) {
    self.init(outcome: .complete, addresses: cards?.configured ?? [], error: nil, cards: cards)
  }
}

extension AddressPlan.Outcome {
  init(_ error: ProxmoxError) {
    switch error {
    case .nodeUnreachable: self = .nodeUnreachable
    case .unauthorized, .fingerprintMismatch: self = .endpointDown
    // One call that hangs or breaks off is the guest's own trouble; where nobody listens, it is the endpoint's.
    case .transport(.timedOut), .transport(.connectionClosed), .transport(.bodyTooLarge): self = .failed
    case .transport: self = .endpointDown
    default: self = .failed
    }
  }
}
