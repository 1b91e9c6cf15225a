import HTTPTransport
import ProxmoxAPI
import ProxmoxInventory
import RouteModel

/// Asks for the addresses of one guest in every way that PVE has.
struct GuestReader: Sendable {
  let client: ProxmoxClient

  func look(at guest: ClusterResources.Guest) async -> GuestSighting {
    GuestSighting(
      vmid: guest.vmid, name: guest.name, node: guest.node, isQEMU: guest.isQEMU, outcome: await outcome(guest))
  }

  private func outcome(_ guest: ClusterResources.Guest) async -> GuestSighting.Outcome {
    let isRunning = GuestStatus(guest.status ?? "").isRunning
    do throws(ProxmoxError) {
      guard guest.isQEMU else { return try await container(guest, isRunning) }
      return try await machine(guest, isRunning)
    } catch {
      switch error {
      case .nodeUnreachable: return .nodeOffline
      case .notFound: return .gone
      case .forbidden: return .forbidden
      default: return .failed(error.description)
      }
    }
  }

  private func container(
    _ guest: ClusterResources.Guest, _ isRunning: Bool
  ) async throws(ProxmoxError) -> GuestSighting.Outcome {
    var without = isRunning ? GuestSighting.Outcome.withoutAddress : .stopped
    if isRunning {
      do throws(ProxmoxError) {
        if let interfaces = try await client.lxcInterfaces(node: guest.node, vmid: guest.vmid) {
          return interfaces.contains(where: \.namesItsGuest) ? .addresses(.interfaces) : .withoutAddress
        }
        without = .asksOwnNode
      } catch .notImplemented {
        without = .predatesInterfaces
      }
    }
    let config = try await client.lxcConfig(node: guest.node, vmid: guest.vmid)
    return config.networks.contains(where: \.statesAnAddress) ? .addresses(.config) : without
  }

  private func machine(
    _ guest: ClusterResources.Guest, _ isRunning: Bool
  ) async throws(ProxmoxError) -> GuestSighting.Outcome {
    let config = try await client.qemuConfig(node: guest.node, vmid: guest.vmid)
    let hasStatic = config.networks.contains(where: \.statesAnAddress)
    guard isRunning else { return hasStatic ? .addresses(.config) : .stopped }
    guard config.isAgentEnabled else { return hasStatic ? .addresses(.config) : .agentNotEnabled }
    do throws(ProxmoxError) {
      let interfaces = try await client.qemuAgentInterfaces(node: guest.node, vmid: guest.vmid)
      return interfaces.contains(where: \.namesItsGuest) ? .addresses(.agent) : .withoutAddress
    } catch {
      return hasStatic ? .addresses(.config) : try refusal(error)
    }
  }

  private func refusal(_ error: ProxmoxError) throws(ProxmoxError) -> GuestSighting.Outcome {
    switch error {
    case .forbidden: .forbidden
    // The agent's own refusal comes with 200.
    case .server(200, let text): .agentRefused(text)
    case .server: .agentSilent
    default: throw error
    }
  }
}

extension GuestInterface {
  /// Whether it has an address by which a route could find the guest.
  fileprivate var namesItsGuest: Bool {
    addresses.compactMap { IPAddress($0) }
      .contains { GuestAddress($0, interface: name, source: .interfaces).isSignificant }
  }
}

extension ConfiguredNetwork {
  fileprivate var statesAnAddress: Bool { addresses.contains { IPAddress($0) != nil } }
}
