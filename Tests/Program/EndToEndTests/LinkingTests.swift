import TestSupport
import Testing

/// All guests and nodes of a realistic cluster are found by all keys, with each way of trusting TLS.
@Suite(.serialized, .inTurn, .sharedCluster, .timeLimit(.minutes(10)))
struct LinkingTests {
  /// Upstreams are not probed here: their names exist only in the cluster, not in DNS.
  private static let unprobed = "healthcheck: {disable: true}"

  private static func routes(of pve: FakePVE) -> String {
    let guests = pve.manifest.guests.flatMap { guest in
      [
        "\(guest.name): {port: 80, \(unprobed)}",
        "host-\(guest.vmid): {host: \(guest.name), port: 80, \(unprobed)}",
        "fqdn-\(guest.vmid): {host: \(guest.name.uppercased()).home.example, port: 80, \(unprobed)}",
        "vmid-\(guest.vmid): {proxmox: {vmid: \(guest.vmid)}, port: 80, \(unprobed)}",
      ] + (guest.address.map { ["address-\(guest.vmid): {host: \($0), port: 80, \(unprobed)}"] } ?? [])
    }
    let nodes = pve.manifest.nodes.flatMap { name, address in
      [
        "\(name): {port: 3128, \(unprobed)}",
        "host-\(name): {host: \(name), port: 3128, \(unprobed)}",
        "address-\(name): {host: \(address), port: 3128, \(unprobed)}",
        "ui-\(name): {proxmox: {node: \(name)}, \(unprobed)}",
        "zero-\(name): {proxmox: {node: \(name), vmid: 0}, \(unprobed)}",
      ]
    }
    return (guests + nodes).joined(separator: "\n")
  }

  @Test(arguments: [FakePVE.Trust.certificateAuthority, .fingerprint, .insecure])
  func linksEveryGuestAndNode(trust: FakePVE.Trust) async throws {
    let pve = try SharedCluster.required()
    let files = try AgentFiles(clusters: [pve.entry(trust: trust)], routes: ["routes.yml": Self.routes(of: pve)])
    let agent = try await RunningAgent.ready(files)

    for guest in pve.manifest.guests {
      try await expectLink(agent, guest.name, to: guest, by: "alias", matched: guest.name)
      try await expectLink(agent, "host-\(guest.vmid)", to: guest, by: "hostname", matched: nil)
      try await expectLink(agent, "fqdn-\(guest.vmid)", to: guest, by: "hostname", matched: nil)
      try await expectLink(agent, "vmid-\(guest.vmid)", to: guest, by: "explicit", matched: nil)
      if let address = guest.address {
        try await expectLink(agent, "address-\(guest.vmid)", to: guest, by: "address", matched: address)
      }
    }
    for (name, address) in pve.manifest.nodes {
      try await expectLink(agent, name, toNode: name, by: "alias")
      try await expectLink(agent, "host-\(name)", toNode: name, by: "hostname")
      try await expectLink(agent, "address-\(name)", toNode: name, by: "address")
      for prefix in ["ui", "zero"] {
        let route = try await expectLink(agent, "\(prefix)-\(name)", toNode: name, by: "explicit")
        #expect(route["target"] == .string("https://\(address):8006"))
      }
    }
    let template = try await agent.get("/v1/lookup?alias=debian-template")
    #expect(template["link"]["state"] == "unlinked", "templates are no candidates")
  }

  @Test(.timeLimit(.minutes(2)))
  func believesNoGuestThatClaimsThisMachine() async throws {
    let pve = try SharedCluster.required()
    let guest = try #require(pve.manifest.guests.first { $0.running && $0.address != nil })
    let address = try #require(guest.address)
    let node = try #require(pve.manifest.nodes.keys.first)
    var files = try AgentFiles(
      clusters: [pve.entry()],
      routes: [
        "routes.yml": """
        \(guest.name): {port: 80, \(Self.unprobed)}
        by-address: {host: \(address), port: 80, \(Self.unprobed)}
        ui: {proxmox: {node: \(node)}, \(Self.unprobed)}
        """
      ])
    files.loopbackGuests = false
    let agent = try await RunningAgent.ready(files)
    let refused = try await eventually("the guest's address is refused") {
      let found = try await agent.get("/v1/guests")["guests"].first(where: "vmid", is: .number(Double(guest.vmid)))
      return found["error"].string?.contains("discovery.loopback_guests") == true ? found : nil
    }
    #expect(refused["addresses"] == .array([]))
    let route = try await agent.route(guest.name, "is linked by its alias") { $0["link"]["state"] == "linked" }
    #expect(route["target"] == .null && route["link"]["matched_by"] == "alias")
    let byAddress = try await agent.route("by-address", "matches nothing") { $0["link"]["state"] == "unlinked" }
    #expect(byAddress["target"] == .string("http://\(address):80"))
    #expect(try await agent.get("/v1/routes/ui")["target"] == .null)
  }

  private func expectLink(
    _ agent: RunningAgent, _ alias: String, to guest: FakePVE.Guest, by key: String, matched: String?
  ) async throws {
    let route = try await agent.route(alias, "links to guest \(guest.vmid)") { $0["link"]["state"] == "linked" }
    let link = route["link"]
    #expect(link["kind"] == "guest", "\(route)")
    #expect(link["cluster"] == "lab", "\(route)")
    #expect(link["vmid"] == .number(Double(guest.vmid)), "\(route)")
    #expect(link["name"] == .string(guest.name), "\(route)")
    #expect(link["node"] == .string(guest.node), "\(route)")
    #expect(link["guest_type"] == .string(guest.type), "\(route)")
    #expect(link["guest_status"] == (guest.running ? "running" : "stopped"), "\(route)")
    #expect(link["matched_by"] == .string(key), "\(route)")
    if let matched { #expect(link["matched"] == .string(matched), "\(route)") }
  }

  @discardableResult
  private func expectLink(
    _ agent: RunningAgent, _ alias: String, toNode name: String, by key: String
  ) async throws -> JSON {
    let route = try await agent.route(alias, "links to node \(name)") { $0["link"]["state"] == "linked" }
    let link = route["link"]
    #expect(link["kind"] == "node", "\(route)")
    #expect(link["node"] == .string(name), "\(route)")
    #expect(link["vmid"] == 0, "\(route)")
    #expect(link["matched_by"] == .string(key), "\(route)")
    return route
  }

  @Test func reportsWhatTheClusterHolds() async throws {
    let pve = try SharedCluster.required()
    let agent = try await RunningAgent.ready(AgentFiles(clusters: [pve.entry()]))
    let nodes = try await eventually("the nodes' addresses are known") {
      let nodes = try await agent.get("/v1/nodes")["nodes"]
      return nodes.elements.allSatisfy { !$0["addresses"].elements.isEmpty } ? nodes : nil
    }
    #expect(nodes.elements.count == 3)
    for (name, address) in pve.manifest.nodes {
      let node = nodes.first(where: "name", is: .string(name))
      #expect(node["addresses"].elements.contains(.string(address)), "\(node)")
      #expect(node["status"] == "online")
      #expect(node["stale"] == false && node["error"] == .null)
    }
    let guests = try await agent.get("/v1/guests")["guests"]
    #expect(guests.elements.count == 44)
    #expect(guests.first(where: "vmid", is: 9000)["template"] == true)
    #expect(guests.first(where: "vmid", is: 100)["tags"].elements.contains("lab"))
    let jellyfin = try pve.guest("jellyfin")
    try await eventually("jellyfin's address is known") {
      try await agent.get("/v1/guests")["guests"].first(where: "vmid", is: 100)["addresses"].elements
        .contains(.string(jellyfin.address ?? "")) ? true : nil
    }
  }

  /// Probes trust a node's own API like the cluster does, on PVE's own port; nothing is changed in PVE.
  @Test func probesANodesOwnInterfaceUnderTheClustersTrust() async throws {
    // Port 8006, the default of node routes, on addresses that only this cluster uses.
    let pve = try await FakePVE.start(port: 8006, lxc: 2, vms: 1)
    let routes = "pve-ui: {proxmox: {node: pve2}}\nother: {host: \(pve.manifest.nodes["pve1"] ?? ""), port: 8006}"
    for trust in [FakePVE.Trust.certificateAuthority, .fingerprint] {
      let agent = try await RunningAgent.ready(
        AgentFiles(clusters: [pve.entry(trust: trust)], routes: ["routes.yml": routes]))
      for alias in ["pve-ui", "other"] {
        let route = try await agent.route(alias, "is healthy") { $0["health"]["status"] == "healthy" }
        #expect(route["scheme"] == "https")
      }
    }
    let methods = Set(try await pve.requests("").map(\.method))
    #expect(methods.isSubset(of: ["GET", "HEAD"]), "\(methods)")
    #expect(try await pve.requests("/").allSatisfy { $0.path != "/" || $0.token == nil }, "probes carry no token")
  }
}
