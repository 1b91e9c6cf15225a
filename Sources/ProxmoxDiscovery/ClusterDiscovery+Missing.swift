import ProxmoxAPI
import ProxmoxInventory
import RouteModel

// Why guests are not listed any more.
extension ClusterDiscovery {
  /// Looks into it whenever a poll left guests out: one that PVE no longer knows is gone at once.
  func explainMissing() async {
    for await _ in explanationDue.raised {
      guard let client = workingClient() else { continue }
      let guests = builder.missing.unexplained
      if guests.count <= MissingGuests.fewEnoughToAsk, builder.resources.guests.count > guests.count {
        for guest in guests where !Task.isCancelled { await explain(guest, client) }
      } else {
        await explainByPrivileges(guests, client)
      }
      publicationDue.raise()
    }
  }

  private func explain(_ guest: ClusterResources.Guest, _ client: ProxmoxClient) async {
    do throws(ProxmoxError) {
      if guest.isQEMU {
        _ = try await client.qemuConfig(node: guest.node, vmid: guest.vmid)
      } else {
        _ = try await client.lxcConfig(node: guest.node, vmid: guest.vmid)
      }
      builder.explainMissing(guest.vmid, "PVE lists it no more, though its configuration is still there")
    } catch .notFound {
      builder.remove(guest.vmid, because: "it was destroyed: PVE has no configuration of it any more")
    } catch .forbidden {
      // With the guest PVE drops what was granted on it alone.
      builder.explainMissing(
        guest.vmid, "it is gone, or the token may not see it any more: VM.Audit on /vms/\(guest.vmid) is not granted")
    } catch {
      builder.explainMissing(guest.vmid, "PVE lists it no more, and does not say why (\(error))")
    }
  }

  private func explainByPrivileges(_ guests: [ClusterResources.Guest], _ client: ProxmoxClient) async {
    guard let granted = try? await client.permissions() else { return }
    for guest in guests {
      let isVisible = granted.grants("VM.Audit", onGuest: guest.vmid)
      builder.explainMissing(
        guest.vmid,
        isVisible
          ? "PVE lists it no more, though VM.Audit is granted: it is gone, or its node is mute"
          : "the token may not see it any more: VM.Audit on /vms/\(guest.vmid) is not granted")
    }
  }
}
