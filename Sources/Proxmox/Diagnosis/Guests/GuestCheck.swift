import ProxmoxAPI
import ProxmoxDiscovery
import ProxmoxInventory

/// Judges what is known of the guests' addresses.
struct GuestCheck {
  private static let topic = "addresses"

  let survey: GuestSurvey.Result

  var checks: [Finding] {
    guard survey.total > 0 else { return [.ok(Self.topic, "no guest is seen")] }
    return [summary] + reasons
  }

  private var summary: Finding {
    let found = survey.observations.filter { if case .addresses = $0.outcome { true } else { false } }
    var text = "\(found.count) of \(Wording.count(survey.observations.count, "guest")) have addresses"
    if !found.isEmpty { text += ": \(sources(found))" }
    if survey.observations.count < survey.total {
      text += " (\(survey.observations.count) of \(survey.total) guests were asked)"
    }
    return .ok(Self.topic, text)
  }

  private func sources(_ found: [GuestObservation]) -> String {
    let names: [(GuestAddress.Source, String)] = [
      (.interfaces, "from the interfaces of containers"), (.agent, "from guest agents"),
      (.config, "from configurations"),
    ]
    return names.compactMap { source, name in
      let count = found.count { $0.outcome == .addresses(source) }
      return count > 0 ? "\(count) \(name)" : nil
    }.joined(separator: ", ")
  }

  /// One finding for each reason; single failures are listed together, each with its text.
  private var reasons: [Finding] {
    let missing = survey.observations.compactMap { guest in guest.shortfall.map { (guest: guest, shortfall: $0) } }
    let failures = missing.compactMap { guest, shortfall in
      if case .failed(let reason) = shortfall { "\(guest.label): \(reason)" } else { nil }
    }
    var kinds: [AddressShortfall] = []
    for kind in missing.map(\.shortfall.kind) where !kinds.contains(kind) { kinds.append(kind) }
    return unreported
      + kinds.compactMap { kind in check(kind, missing.filter { $0.shortfall.kind == kind }.map(\.guest)) }
      + (failures.isEmpty ? [] : [warning("not readable: \(Wording.list(failures, atMost: 3))")])
  }

  /// Guests whose node is online but sends no data of them.
  private var unreported: [Finding] {
    let guests = survey.observations.filter(\.isUnreported)
    guard !guests.isEmpty else { return [] }
    let nodes = Set(guests.map(\.node)).sorted()
    return [
      warning(
        "PVE has no data of guests whose node is online (status unknown): \(Wording.list(guests.map(\.label)))",
        wanted: "a node that reports its guests every 10 s",
        remedies: [
          Remedy("on \(Wording.list(nodes)), as root, start its reports again", ["systemctl restart pvestatd"])
        ])
    ]
  }

  /// Nil for guests that are gone, and for failures, which are listed together.
  private func check(_ kind: AddressShortfall, _ guests: [GuestObservation]) -> Finding? {
    let names = Wording.list(guests.map(\.label))
    switch kind {
    case .gone, .failed: return nil
    case .stopped:
      return .ok(Self.topic, "not running, and without a static address; known once they run: \(names)")
    case .noAddress:
      return warning(
        "running, but no interface has an address that could name the guest: \(names)",
        wanted: "an address that is not link-local, on an interface other than docker*, br-* and veth*")
    case .agentNotEnabled:
      return warning(
        "running VMs without a guest agent in their configuration, so PVE does not know their addresses: \(names)",
        wanted: "the guest agent, or a static address in cloud-init", remedies: enabling(guests))
    case .agentSilent:
      return warning(
        "the guest agent does not answer in \(names)", wanted: "qemu-guest-agent installed and running in the VM",
        remedies: [Self.installation])
    case .agentRefused(let reason):
      return warning(
        "the guest agent answers and refuses in \(names): \(reason)",
        wanted: "an agent that allows guest-network-get-interfaces", remedies: [Self.permission])
    case .predatesInterfaces:
      return warning(
        "running containers with DHCP, whose addresses PVE before 8.1 cannot report: \(names)",
        wanted: "PVE 8.1 or newer, or static addresses", remedies: [Self.update])
    case .asksOwnNode:
      return warning(
        "running containers of which PVE reports no interfaces through this endpoint: \(names)",
        wanted: "pve-container 5.2.0 or newer; before, only the container's own node reports them",
        remedies: [Self.update])
    case .environmentRefused:
      return warning(
        "without an address, as PVE shows the configuration of containers with environment variables to its "
          + "administrators alone; known while they run: \(names)",
        wanted: "a pve-container without that fault (6.0.15 up to at least 6.1.10 have it); no grant is needed")
    case .nodeUnreachable, .endpointDown: return warning("not readable, as their node cannot be reached: \(names)")
    case .forbidden(let privilege, let text):
      return warning("for want of \(privilege?.forReading ?? "a right (\(text))"), not readable: \(names)")
    }
  }

  private func warning(_ found: String, wanted: String? = nil, remedies: [Remedy] = []) -> Finding {
    Finding(Self.topic, .warning, found, wanted: wanted, remedies: remedies)
  }

  private func enabling(_ guests: [GuestObservation]) -> [Remedy] {
    let byNode = Dictionary(grouping: guests.prefix(8), by: \.node).sorted { $0.key < $1.key }
    return byNode.map { node, guests in
      Remedy(
        "on \(node), as root; it takes effect when the VM has been shut down and started again",
        guests.map { "qm set \($0.vmid) --agent enabled=1" })
    } + [Self.installation]
  }

  private static let update = Remedy(
    "on the nodes, as root, update PVE", ["apt-get update && apt-get dist-upgrade"])

  private static let permission = Remedy(
    "in the VM, as root, see which commands the agent blocks (block-rpcs, allow-rpcs; BLACKLIST_RPC on RHEL and its kin)",
    ["grep -rs rpc /etc/qemu/qemu-ga.conf /etc/sysconfig/qemu-ga /etc/default/qemu-guest-agent"])

  private static let installation = Remedy(
    "in the VM, as root (Debian and its kin; Windows has it on the virtio-win ISO)",
    ["apt-get install -y qemu-guest-agent && systemctl enable --now qemu-guest-agent"])
}

extension GuestObservation {
  fileprivate var shortfall: AddressShortfall? {
    if case .missing(let shortfall) = outcome { shortfall } else { nil }
  }
}

extension AddressShortfall {
  /// The reason without details, equal for all guests that share a finding.
  fileprivate var kind: AddressShortfall {
    switch self {
    case .stopped, .noAddress, .predatesInterfaces, .agentRefused: self
    case .agentNotEnabled: .agentNotEnabled(vmid: 0)
    case .agentSilent: .agentSilent("")
    case .asksOwnNode: .asksOwnNode("")
    case .environmentRefused: .environmentRefused("")
    case .forbidden(let privilege?, _): .forbidden(.init(path: "", privileges: privilege.privileges), "")
    case .forbidden(nil, let text): .forbidden(nil, text)
    case .nodeUnreachable, .endpointDown: .nodeUnreachable("")
    case .gone: .gone("")
    case .failed: .failed("")
    }
  }
}
