import HTTPTransport
import Logging
import ProxmoxAPI
import ProxmoxInventory
import RouteModel

// Why guests are not listed any more.
extension ClusterDiscovery {
  /// Guests to ask about one by one; what is left over follows with the next poll.
  var missingGuests: [GuestRead] {
    builder.missing.unexplained.prefix(MissingGuests.fewEnoughToAsk).map {
      GuestRead(vmid: $0.vmid, node: $0.node, isQEMU: $0.isQEMU, isRunning: false)
    }
  }

  /// One that PVE no longer knows is gone at once.
  func explain(_ guest: GuestRead, _ client: ProxmoxClient) async -> AddressPlan.Outcome {
    do throws(ProxmoxError) {
      if guest.isQEMU {
        _ = try await client.qemuConfig(node: guest.node, vmid: guest.vmid)
      } else {
        _ = try await client.lxcConfig(node: guest.node, vmid: guest.vmid)
      }
      builder.explainMissing(guest.vmid, "PVE lists it no more, though its configuration is still there")
    } catch .notFound {
      builder.remove(guest.vmid, because: "it was destroyed: PVE has no configuration of it any more")
    } catch .forbidden(let privilege, let text) where !ProxmoxError.forbidden(privilege, text).isEnvironmentRefusal {
      builder.hideMissing(guest.vmid)
    } catch .forbidden {
      builder.explainMissing(guest.vmid, "PVE lists it no more, though its configuration is still there")
    } catch .transport(.cancelled) {
      return .recalled
    } catch {
      builder.explainMissing(guest.vmid, "PVE lists it no more, and does not say why (\(error))")
    }
    return .complete
  }

  /// Logs once that guests are hidden from the agent, and once that none is any more.
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
