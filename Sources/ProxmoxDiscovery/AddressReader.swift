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
  }

  let client: ProxmoxClient

  func read(_ guest: AddressPlan.GuestRead) async -> Reading {
    do throws(ProxmoxError) {
      switch (guest.isQEMU, guest.isRunning) {
      case (false, true): return try await runningContainer(guest)
      case (false, false): return try await stoppedContainer(guest)
      case (true, true): return try await runningMachine(guest)
      case (true, false): return try await stoppedMachine(guest)
      }
    } catch {
      return Reading(outcome: AddressPlan.Outcome(error), addresses: nil, error: error.description)
    }
  }

  private func runningContainer(_ guest: AddressPlan.GuestRead) async throws(ProxmoxError) -> Reading {
    do throws(ProxmoxError) {
      if let interfaces = try await client.lxcInterfaces(node: guest.node, vmid: guest.vmid) {
        return Reading(running: interfaces.flatMap { GuestAddress.all(of: $0, source: .interfaces) })
      }
    } catch .notImplemented {
      // Before PVE 8.1.
      let config = try await client.lxcConfig(node: guest.node, vmid: guest.vmid)
      return Reading(outcome: .complete, addresses: config.networks.flatMap(GuestAddress.all), error: nil)
    }
    return try await silentContainer(guest)
  }

  /// One whose interfaces are null: it does not run any more, or not there, or PVE before pve-container 5.2.0 (8.1, 8.2)
  /// is asked through another node, which then looks at its own containers only.
  private func silentContainer(_ guest: AddressPlan.GuestRead) async throws(ProxmoxError) -> Reading {
    let config = try await client.lxcConfig(node: guest.node, vmid: guest.vmid)
    let configured = config.networks.flatMap(GuestAddress.all)
    guard configured.isEmpty else { return Reading(outcome: .withoutAddress, addresses: configured, error: nil) }
    return Reading(
      outcome: .withoutAddress, addresses: nil,
      error: "PVE tells no interfaces of it through this endpoint; before pve-container 5.2.0 only its own node "
        + "(\(guest.node)) does: update PVE, put that node's endpoint first, or give the container a static address")
  }

  private func stoppedContainer(_ guest: AddressPlan.GuestRead) async throws(ProxmoxError) -> Reading {
    let config = try await client.lxcConfig(node: guest.node, vmid: guest.vmid)
    return Reading(outcome: .complete, addresses: config.networks.flatMap(GuestAddress.all), error: nil)
  }

  private func stoppedMachine(_ guest: AddressPlan.GuestRead) async throws(ProxmoxError) -> Reading {
    let config = try await client.qemuConfig(node: guest.node, vmid: guest.vmid)
    return Reading(outcome: .complete, addresses: config.networks.flatMap(GuestAddress.all), error: nil)
  }

  private func runningMachine(_ guest: AddressPlan.GuestRead) async throws(ProxmoxError) -> Reading {
    let config = try await client.qemuConfig(node: guest.node, vmid: guest.vmid)
    let configured = config.networks.flatMap(GuestAddress.all)
    guard config.isAgentEnabled else { return Reading(outcome: .complete, addresses: configured, error: nil) }
    do throws(ProxmoxError) {
      let interfaces = try await client.qemuAgentInterfaces(node: guest.node, vmid: guest.vmid)
      return Reading(running: interfaces.flatMap { GuestAddress.all(of: $0, source: .agent) })
    } catch .server(_, let text) {
      // PVE says "QEMU guest agent is not running" after 3 s, or "… got timeout" after 5.
      return Reading(
        outcome: .agentSilent, addresses: configured.isEmpty ? nil : configured,
        error: "the guest agent does not answer (\(text)): install and start qemu-guest-agent in the VM")
    } catch .forbidden(let privilege, let text) {
      return Reading(
        outcome: .failed, addresses: configured.isEmpty ? nil : configured,
        error: ProxmoxError.forbidden(privilege, text).description)
    }
  }
}

extension AddressReader.Reading {
  /// What a running guest reported of itself.
  init(running addresses: [GuestAddress]) {
    let isFound = addresses.contains(where: \.isSignificant)
    self.init(outcome: isFound ? .complete : .withoutAddress, addresses: addresses, error: nil)
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
