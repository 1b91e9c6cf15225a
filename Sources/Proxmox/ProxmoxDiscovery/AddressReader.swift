package import ProxmoxAPI
import ProxmoxInventory
package import RouteModel

/// A guest whose addresses are read.
package struct GuestRead: Hashable, Sendable {
  package var vmid: VMID
  package var node: String
  package var isQEMU: Bool
  /// Also true if PVE does not know the status: the guest's node answers with live data.
  package var isRunning: Bool

  package init(vmid: VMID, node: String, isQEMU: Bool, isRunning: Bool) {
    (self.vmid, self.node, self.isQEMU, self.isRunning) = (vmid, node, isQEMU, isRunning)
  }
}

/// Reads the addresses of one guest: the only place that knows which calls a kind of guest needs.
package struct AddressReader: Sendable {
  let client: ProxmoxClient
  /// The guest's own node, if the other node may not know the guest's interfaces.
  var ownNode: ProxmoxClient?

  package init(client: ProxmoxClient, ownNode: ProxmoxClient? = nil) {
    (self.client, self.ownNode) = (client, ownNode)
  }

  package func read(_ guest: GuestRead) async -> AddressReading { await read(guest, cards: nil) }

  /// - Parameter cards: the cards from an earlier read of the configuration, if they are still valid.
  func read(_ guest: GuestRead, cards: GuestCards?) async -> AddressReading {
    do throws(ProxmoxError) {
      switch (guest.isQEMU, guest.isRunning) {
      case (false, true): return try await runningContainer(guest, cards)
      case (false, false): return AddressReading(configured: try await containerCards(guest), or: .stopped)
      case (true, true): return try await runningMachine(guest, cards)
      case (true, false): return AddressReading(configured: try await machineCards(guest), or: .stopped)
      }
    } catch {
      return AddressReading(shortfall: AddressShortfall(error), cards: cards)
    }
  }

  private func containerCards(_ guest: GuestRead) async throws(ProxmoxError) -> GuestCards {
    GuestCards(try await client.lxcConfig(node: guest.node, vmid: guest.vmid).networks)
  }

  private func machineCards(_ guest: GuestRead) async throws(ProxmoxError) -> GuestCards {
    let config = try await client.qemuConfig(node: guest.node, vmid: guest.vmid)
    return GuestCards(config.networks, hasAgent: config.isAgentEnabled)
  }
}

// MARK: - Containers

extension AddressReader {
  private func runningContainer(_ guest: GuestRead, _ cards: GuestCards?) async throws(ProxmoxError) -> AddressReading {
    do throws(ProxmoxError) {
      if let interfaces = try await client.lxcInterfaces(node: guest.node, vmid: guest.vmid) {
        return await reading(of: interfaces, guest, cards)
      }
    } catch .notImplemented {
      return AddressReading(configured: try await containerCards(guest), or: .predatesInterfaces)
    }
    if let interfaces = try? await ownNode?.lxcInterfaces(node: guest.node, vmid: guest.vmid) {
      return await reading(of: interfaces, guest, cards)
    }
    return try await silentContainer(guest)
  }

  /// The configuration is only read if the MACs matter: if several interfaces have addresses.
  private func reading(
    of interfaces: [GuestInterface], _ guest: GuestRead, _ cards: GuestCards?
  ) async -> AddressReading {
    let plain = interfaces.flatMap { GuestAddress.all(of: $0, source: .interfaces, cards: nil) }
    guard Set(plain.lazy.filter(\.isSignificant).map(\.interface)).count > 1 else {
      return AddressReading(running: plain)
    }
    var cards = cards
    if cards == nil { cards = try? await containerCards(guest) }
    var reading = AddressReading(
      running: interfaces.flatMap { GuestAddress.all(of: $0, source: .interfaces, cards: cards) })
    reading.cards = cards
    return reading
  }

  /// A container whose interfaces are null: it has stopped or moved, or the call went through another node of a PVE
  /// before pve-container 5.2.0 (8.1, 8.2), which only looks at its own containers.
  private func silentContainer(_ guest: GuestRead) async throws(ProxmoxError) -> AddressReading {
    let cards = try await containerCards(guest)
    return AddressReading(
      fallback: cards.configured, shortfall: .asksOwnNode(guest.node), cards: cards)
  }
}

// MARK: - Virtual machines

extension AddressReader {
  /// The VM's configuration says whether it has an agent, and is read again only after a start of the VM: a call to a
  /// missing or silent agent costs the node a worker.
  private func runningMachine(_ guest: GuestRead, _ known: GuestCards?) async throws(ProxmoxError) -> AddressReading {
    var cards = known
    if cards?.hasAgent != true { cards = try await machineCards(guest) }
    guard let cards, cards.hasAgent else {
      return AddressReading(configured: cards, or: .agentNotEnabled(vmid: guest.vmid))
    }
    do throws(ProxmoxError) {
      let interfaces = try await client.qemuAgentInterfaces(node: guest.node, vmid: guest.vmid)
      var reading = AddressReading(
        running: interfaces.flatMap { GuestAddress.all(of: $0, source: .agent, cards: cards) })
      reading.cards = cards
      // A VM that is booting has no address yet.
      if reading.shortfall == .noAddress, !cards.configured.isEmpty { reading.addresses = cards.configured }
      return reading
    } catch .server(_, let text) {
      // PVE says "QEMU guest agent is not running" after 3 s, or "… got timeout" after 5.
      return AddressReading(fallback: cards.configured, shortfall: .agentSilent(text), cards: cards)
    } catch .agentRefused(let text) {
      return AddressReading(fallback: cards.configured, shortfall: .agentRefused(text), cards: cards)
    } catch .forbidden(let privilege, let text) {
      return AddressReading(fallback: cards.configured, shortfall: .forbidden(privilege, text), cards: cards)
    }
  }
}
