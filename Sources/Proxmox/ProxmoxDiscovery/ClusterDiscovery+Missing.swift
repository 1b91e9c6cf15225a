import HTTPTransport
import Logging
import ProxmoxAPI
import ProxmoxInventory
import RouteModel

// Why guests are missing from the list.
extension ClusterDiscovery {
  /// The guests to query with this poll; the rest follows with the next one.
  var missingGuests: [GuestRead] {
    builder.missing.unexplained.prefix(MissingGuests.maxQueriesPerPoll).map {
      GuestRead(vmid: $0.vmid, node: $0.node, isQEMU: $0.isQEMU, isRunning: false)
    }
  }

  /// Finds out why a guest is missing. A guest that PVE no longer knows is removed at once.
  func explain(_ guest: GuestRead, _ client: ProxmoxClient) async -> AddressPlan.Outcome {
    do throws(ProxmoxError) {
      if guest.isQEMU {
        _ = try await client.qemuConfig(node: guest.node, vmid: guest.vmid)
      } else {
        _ = try await client.lxcConfig(node: guest.node, vmid: guest.vmid)
      }
      builder.explainMissing(guest.vmid, "PVE no longer lists it, though its configuration is still there")
    } catch .notFound {
      builder.remove(guest.vmid, because: "it was destroyed: PVE has no configuration of it any more")
    } catch .forbidden(let privilege, let text) where !ProxmoxError.forbidden(privilege, text).isEnvironmentRefusal {
      builder.hideMissing(guest.vmid)
    } catch .forbidden {
      builder.explainMissing(guest.vmid, "PVE no longer lists it, though its configuration is still there")
    } catch .transport(.cancelled) {
      return .recalled
    } catch {
      builder.explainMissing(guest.vmid, "PVE no longer lists it, and does not say why (\(error))")
    }
    return .complete
  }

  /// Logs once when guests become hidden from the agent, and once when none is hidden.
  func logRights() {
    let lack = builder.rightsLack
    guard lack != loggedLack else { return }
    if let lack {
      logger.warning("rights are missing", metadata: ["error": "\(lack)"])
    } else {
      logger.info("rights are complete again")
    }
    loggedLack = lack
  }
}
