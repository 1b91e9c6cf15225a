// `/nodes/{n}/qemu/{id}`.
extension APICall {
  func virtualMachineConfiguration(_ vmid: Int, on name: String) throws(Refusal) -> PVEJSONWriter {
    let guest = try readableGuest(vmid, .qemu, on: name)
    var writer = PVEJSONWriter()
    writer.object { writer in
      writer.field("name", guest.name)
      writer.field("ostype", "l26")
      writer.field("cores", 2)
      // A string here, a number for containers.
      writer.field("memory", "2048")
      if guest.agent != .absent { writer.field("agent", "enabled=1,fstrim_cloned_disks=1") }
      describeCommonConfiguration(guest, &writer)
      for (index, interface) in guest.configuredInterfaces.enumerated() {
        writer.field("net\(index)", "virtio=\(interface.hardwareAddress.uppercased()),bridge=vmbr0,firewall=1")
        writer.field("ipconfig\(index)", interface.cloudInitConfiguration)
      }
    }
    return writer
  }

  func agentInterfaces(_ vmid: Int, on name: String) throws(Refusal) -> PVEJSONWriter {
    try require(cluster.version.guestAgentPrivileges, on: "/vms/\(vmid)")
    let guest = try guestOrRefusal(vmid, .qemu, on: target(name))
    guard guest.isUp else { throw .failed("VM \(vmid) is not running") }
    switch guest.agent {
    case .absent: throw .failed("No QEMU guest agent configured")
    case .silent: throw Refusal(status: 500, reason: "QEMU guest agent is not running", delay: .agent)
    case .refusing: return agentAnswer { $0.object(describeAgentRefusal) }
    case .running:
      return agentAnswer { $0.objects([.loopback] + guest.interfaces) { describe($1, &$0) } }
    }
  }

  private func agentAnswer(_ result: (inout PVEJSONWriter) -> Void) -> PVEJSONWriter {
    var writer = PVEJSONWriter()
    writer.object { writer in
      writer.key("result")
      result(&writer)
    }
    return writer
  }

  /// The guest agent's refusal has HTTP status 200.
  private func describeAgentRefusal(_ writer: inout PVEJSONWriter) {
    writer.key("error")
    writer.object { writer in
      writer.field("class", "CommandNotFound")
      writer.field("desc", "Command guest-network-get-interfaces has been disabled")
    }
  }

  private func describe(_ interface: SimulatedInterface, _ writer: inout PVEJSONWriter) {
    writer.field("name", interface.name)
    writer.field("hardware-address", interface.hardwareAddress)
    guard !interface.addresses.isEmpty else { return }
    writer.key("ip-addresses")
    writer.objects(interface.addresses) { writer, address in
      let parts = address.split(separator: "/")
      writer.field("ip-address", String(parts[0]))
      writer.field("ip-address-type", address.contains(":") ? "ipv6" : "ipv4")
      writer.field("prefix", Int(parts[1]) ?? 0)
    }
  }
}
