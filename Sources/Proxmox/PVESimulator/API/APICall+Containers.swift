// `/nodes/{n}/lxc/{id}`.
extension APICall {
  func containerConfiguration(_ vmid: Int, on name: String) throws(Refusal) -> PVEJSONWriter {
    let guest = try readableGuest(vmid, .lxc, on: name)
    // A bug of pve-container 6.0.15 up to at least 6.1.10.
    if guest.hasEnvironment { try require(["VM.Config.Options"], on: "/vms/\(vmid)") }
    var writer = PVEJSONWriter()
    writer.object { writer in
      writer.field("hostname", guest.name)
      writer.field("arch", "amd64")
      writer.field("ostype", "debian")
      writer.field("cores", 2)
      writer.field("memory", 1024)
      writer.field("unprivileged", 1)
      writer.field("onboot", 1)
      describeCommonConfiguration(guest, &writer)
      for (index, interface) in guest.configuredInterfaces.enumerated() {
        writer.field("net\(index)", interface.containerConfiguration)
      }
    }
    return writer
  }

  func describeCommonConfiguration(_ guest: SimulatedGuest, _ writer: inout PVEJSONWriter) {
    if !guest.tags.isEmpty { writer.field("tags", guest.tags.joined(separator: ";")) }
    writer.field("description", guest.notes.map { $0 + "\n" })
    writer.field("lock", guest.lock)
    if guest.isTemplate { writer.field("template", 1) }
    writer.field("digest", String(repeating: "0", count: 32) + String(guest.vmid + 0x1000_0000, radix: 16))
  }

  /// Null for a container that is stopped, is on another node or does not exist.
  func containerInterfaces(_ vmid: Int, on name: String) throws(Refusal) -> PVEJSONWriter {
    guard cluster.version.hasContainerInterfaces else { throw .notImplemented("GET", request.apiPath) }
    try require(["VM.Audit"], on: "/vms/\(vmid)")
    let node = try target(name)
    var writer = PVEJSONWriter()
    let isAskedInPlace = cluster.version.forwardsContainerInterfaces || request.localNode == name
    guard isAskedInPlace, let guest = guest(vmid, .lxc, on: node), guest.isUp else {
      writer.null()
      return writer
    }
    writer.objects([.loopback] + guest.interfaces) { describe($1, &$0) }
    return writer
  }

  private func describe(_ interface: SimulatedInterface, _ writer: inout PVEJSONWriter) {
    writer.field("name", interface.name)
    writer.field("hwaddr", interface.hardwareAddress)
    writer.field("inet", interface.ipv4.last)
    writer.field("inet6", interface.ipv6.last)
    guard cluster.version.listsAllContainerAddresses else { return }
    writer.field("hardware-address", interface.hardwareAddress)
    writer.key("ip-addresses")
    writer.objects(interface.addresses) { writer, address in
      let parts = address.split(separator: "/")
      writer.field("ip-address", String(parts[0]))
      writer.field("ip-address-type", address.contains(":") ? "inet6" : "inet")
      // A string, although the schema says integer.
      writer.field("prefix", String(parts[1]))
    }
  }
}

extension SimulatedGuest {
  var configuredInterfaces: [SimulatedInterface] { interfaces.filter { $0.configured != .absent } }
}

extension SimulatedInterface {
  /// `netN` of a container.
  var containerConfiguration: String {
    var parts = ["name=\(name)", "bridge=vmbr0", "hwaddr=\(hardwareAddress.uppercased())"]
    if let ip = configured == .dhcp ? "dhcp" : ipv4.first { parts.append("ip=\(ip)") }
    if configured == .static, let ip = ipv6.first { parts.append("ip6=\(ip)") }
    return (parts + ["type=veth"]).joined(separator: ",")
  }

  /// `ipconfigN` of a VM with cloud-init; nil without it.
  var cloudInitConfiguration: String? {
    guard configured == .static else { return nil }
    let parts = [ipv4.first.map { "ip=\($0)" }, ipv6.first.map { "ip6=\($0)" }].compactMap(\.self)
    return parts.isEmpty ? nil : parts.joined(separator: ",")
  }
}
