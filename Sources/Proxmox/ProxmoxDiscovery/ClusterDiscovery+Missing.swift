import HTTPTransport
import ProxmoxAPI
import ProxmoxInventory
import RouteModel

// Why guests are not listed any more.
extension ClusterDiscovery {
  /// Whom to ask about one by one, or whether so many are missing that the rights may be gone.
  var missingGuests: (few: [AddressPlan.GuestRead], areMany: Bool) {
    let guests = builder.missing.unexplained
    if guests.isEmpty { return ([], false) }
    guard guests.count <= MissingGuests.fewEnoughToAsk, builder.resources.guests.count > guests.count else {
      return ([], true)
    }
    let reads = guests.map {
      AddressPlan.GuestRead(vmid: $0.vmid, node: $0.node, isQEMU: $0.isQEMU, isRunning: false)
    }
    return (reads, false)
  }

  /// One that PVE no longer knows is gone at once.
  func explain(_ guest: AddressPlan.GuestRead, _ client: ProxmoxClient) async -> AddressPlan.Outcome {
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
    } catch .transport(.cancelled) {
      return .recalled
    } catch {
      builder.explainMissing(guest.vmid, "PVE lists it no more, and does not say why (\(error))")
    }
    return .complete
  }

  func explainByPrivileges(_ client: ProxmoxClient) async -> AddressPlan.Outcome {
    guard let granted = try? await client.permissions() else { return .failed }
    for guest in builder.missing.unexplained {
      let isVisible = granted.grants("VM.Audit", onGuest: guest.vmid)
      builder.explainMissing(
        guest.vmid,
        isVisible
          ? "PVE lists it no more, though VM.Audit is granted: it is gone, or its node is mute"
          : "the token may not see it any more: VM.Audit on /vms/\(guest.vmid) is not granted")
    }
    return .complete
  }
}
