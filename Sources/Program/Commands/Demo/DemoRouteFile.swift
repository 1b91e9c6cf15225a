/// The route file of the demo: one route for each way in which a route can match, or miss, its node or guest.
struct DemoRouteFile {
  var block: DemoBlock
  /// The ports of the services, by name.
  var ports: [String: Int]
  /// The port of the cluster's web interface.
  var clusterPort: Int

  var text: String {
    """
    # By the address that the route states.
    plex:
      host: \(block.address(101))
      port: \(port("plex"))

    # By the first label of the host's name.
    paperless:
      host: paperless.localhost
      port: \(port("paperless"))

    # By the alias; the host is filled in from the guest, and follows it.
    grafana:
      port: \(port("grafana"))
    vaultwarden:
      port: \(port("vaultwarden"))

    # Explicitly, a virtual machine.
    ha:
      port: \(port("home-assistant"))
      proxmox: {vmid: 201}

    # A TCP stream: listen:target.
    git-ssh:
      host: \(block.address(107))
      port: "2222:\(port("git"))"

    # Its container is stopped, so nothing answers.
    nextcloud:
      host: \(block.address(108))
      port: \(port("nextcloud"))

    # Two running guests have this name: the route waits until it is said which.
    web:
      port: 80

    # Nobody in the cluster, but it answers.
    nas:
      host: \(block.address(250))
      port: \(port("nas"))

    # Nodes: explicitly (the node's own web interface), by address, by alias.
    pve1-ui:
    \(nodeInterface)
    backup:
      host: \(block.address(12))
      port: \(port("backup"))
    pve3:
      port: \(port("metrics"))

    # Kept, but not served.
    plex-old:
      host: \(block.address(101))
      port: \(port("plex"))

    """
  }

  private func port(_ service: String) -> Int { ports[service] ?? 80 }

  /// The port is only stated if it is not 8006, the default.
  private var nodeInterface: String {
    let link = "  proxmox: {node: pve1}"
    return clusterPort == 8006 ? link : "  scheme: https\n  port: \(clusterPort)\n\(link)"
  }
}
