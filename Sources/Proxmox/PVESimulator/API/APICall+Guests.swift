// Calls for both containers and VMs.
extension APICall {
  /// `status/current`, which shows a change at once; `/cluster/resources` is delayed.
  func guestStatus(_ vmid: Int, _ kind: SimulatedGuest.Kind, on name: String) throws(Refusal) -> PVEJSONWriter {
    let guest = try readableGuest(vmid, kind, on: name)
    var writer = PVEJSONWriter()
    writer.object { writer in
      writer.field("vmid", guest.vmid)
      if kind == .lxc { writer.field("type", "lxc") }
      describeLive(guest, &writer)
      if kind == .qemu { writer.field("qmpstatus", guest.status) }
      writer.key("ha")
      writer.object { $0.field("managed", guest.haState != nil) }
    }
    return writer
  }

  /// The guest, for a caller with VM.Audit on it.
  func readableGuest(_ vmid: Int, _ kind: SimulatedGuest.Kind, on name: String) throws(Refusal) -> SimulatedGuest {
    try require(["VM.Audit"], on: "/vms/\(vmid)")
    return try guestOrRefusal(vmid, kind, on: target(name))
  }

  /// For the node itself, a paused VM is a running process.
  func describeLive(_ guest: SimulatedGuest, _ writer: inout PVEJSONWriter) {
    writer.field("name", guest.displayName)
    writer.field("status", guest.isUp ? "running" : "stopped")
    if !guest.tags.isEmpty { writer.field("tags", guest.tags.joined(separator: ";")) }
    writer.field("lock", guest.lock)
    if guest.isTemplate { writer.field("template", 1) }
    describeUsage(guest, &writer)
  }

  func describeUsage(_ guest: SimulatedGuest, _ writer: inout PVEJSONWriter) {
    writer.field("uptime", guest.uptime(at: now))
    writer.field("cpu", guest.isUp ? 0.0123 : 0)
    writer.field("maxcpu", 2)
    writer.field("mem", guest.isUp ? 268_435_456 : 0)
    writer.field("maxmem", 1_073_741_824)
    writer.field("disk", guest.kind == .lxc ? 1_610_612_736 : 0)
    writer.field("maxdisk", 8_589_934_592)
    writer.field("netin", 1_234_567)
    writer.field("netout", 7_654_321)
    writer.field("diskread", 4096)
    writer.field("diskwrite", 8192)
  }
}

extension SimulatedGuest {
  /// The name of an unnamed guest in lists.
  var displayName: String { name ?? (kind == .lxc ? "CT\(vmid)" : "VM \(vmid)") }
}
