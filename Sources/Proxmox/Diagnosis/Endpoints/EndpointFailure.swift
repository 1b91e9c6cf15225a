import HTTPTransport
import ProxmoxAPI

/// Judges an endpoint that did not answer.
struct EndpointFailure {
  let endpoint: String
  let error: HTTPTransportError

  var check: Finding {
    Finding(EndpointCheck.topic, .problem, found, wanted: "PVE's API over HTTPS", remedies: remedies)
  }

  /// Connection errors already name the address.
  private var found: String {
    let (text, address) = (error.description, String(endpoint.dropFirst("https://".count)))
    return text.hasPrefix("\(address) ") ? "https://\(text)" : "\(endpoint): \(text)"
  }

  private var host: EndpointHost { EndpointHost(endpoint) }

  private var remedies: [Remedy] {
    switch error {
    case .nameNotResolved(let name), .nameLookupFailed(let name, _):
      [
        Remedy(
          "on the agent's machine, see what the name resolves to; or give the node's address as the endpoint",
          ["getent hosts \(ShellWord.quote(name))"])
      ]
    case .connectionRefused, .tlsFailed, .malformedResponse, .connectionClosed: [Self.serviceRemedy(endpoint)]
    case .timedOut(let phase, _) where phase.hasPrefix("waiting") || phase.hasPrefix("reading"):
      [Self.serviceRemedy(endpoint)]
    case .cannotConnect, .timedOut: [wayRemedy, Self.serviceRemedy(endpoint)]
    default: []
    }
  }

  private var wayRemedy: Remedy {
    Remedy(
      "on the agent's machine, see whether the node can be reached; a firewall may drop port \(host.port)",
      ["ping -c 3 \(ShellWord.quote(host.host))"])
  }

  /// The remedy for a fault that PVE's text identifies; nil for any other error.
  static func remedy(for error: ProxmoxError, _ endpoint: String) -> Remedy? {
    switch error.fault {
    case nil: nil
    case .clusterFileSystem:
      Remedy(
        "on the node behind \(endpoint), as root, start PVE's cluster file system again, and see why it stopped",
        ["systemctl restart pve-cluster", "journalctl -u pve-cluster -n 20 --no-pager"])
    case .ownAddress(let node):
      Remedy(
        "on \(node), as root, see what its name resolves to, and give it the node's own address in /etc/hosts (a line "
          + "such as '10.0.0.11 \(node).example \(node)'; none that begins with 127.)",
        ["getent ahosts \(ShellWord.quote(node))", "editor /etc/hosts", "systemctl restart pve-cluster"])
    }
  }

  /// The remedy for an endpoint that answers some calls with an error.
  static func clusterRemedy(_ endpoint: String) -> Remedy {
    Remedy(
      "on the node behind \(endpoint), as root, see whether the services behind its API run, and why not",
      [
        "systemctl status pve-cluster pvedaemon pveproxy",
        "journalctl -u pve-cluster -u pvedaemon -n 20 --no-pager",
      ])
  }

  static func serviceRemedy(_ endpoint: String) -> Remedy {
    Remedy(
      "on the node behind \(endpoint), as root, see whether PVE's web service runs, and why not",
      ["systemctl status pveproxy pvedaemon", "journalctl -u pveproxy -n 20 --no-pager"])
  }
}
