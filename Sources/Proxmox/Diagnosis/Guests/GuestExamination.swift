import ProxmoxInventory

/// Judges what can be seen of the guests' addresses.
struct GuestExamination {
  private static let topic = "addresses"

  let survey: GuestSurvey.Result

  var checks: [Finding] {
    guard survey.total > 0 else { return [.ok(Self.topic, "no guest is seen")] }
    return [summary] + reasons
  }

  private var summary: Finding {
    let found = survey.sightings.filter { if case .addresses = $0.outcome { true } else { false } }
    var text = "\(found.count) of \(Wording.count(survey.sightings.count, "guest")) have addresses"
    if !found.isEmpty { text += ": \(sources(found))" }
    if survey.sightings.count < survey.total {
      text += " (\(survey.sightings.count) of \(survey.total) guests were asked)"
    }
    return .ok(Self.topic, text)
  }

  private func sources(_ found: [GuestSighting]) -> String {
    let names: [(GuestAddress.Source, String)] = [
      (.interfaces, "from the interfaces of containers"), (.agent, "from guest agents"),
      (.config, "from configurations"),
    ]
    return names.compactMap { source, name in
      let count = found.count { $0.outcome == .addresses(source) }
      return count > 0 ? "\(count) \(name)" : nil
    }.joined(separator: ", ")
  }

  /// One finding for each reason; single failures are told together, each with its text.
  private var reasons: [Finding] {
    var order: [GuestSighting.Outcome] = []
    for sighting in survey.sightings where sighting.outcome.failure == nil && !order.contains(sighting.outcome) {
      order.append(sighting.outcome)
    }
    let told = order.compactMap { outcome in check(outcome, survey.sightings.filter { $0.outcome == outcome }) }
    let failures = survey.sightings.compactMap { guest in guest.outcome.failure.map { "\(guest.label): \($0)" } }
    return told + (failures.isEmpty ? [] : [warning("not readable: \(Wording.list(failures, atMost: 3))")])
  }

  /// Nil for guests that have addresses, and for those that are gone.
  private func check(_ outcome: GuestSighting.Outcome, _ guests: [GuestSighting]) -> Finding? {
    let names = Wording.list(guests.map(\.label))
    switch outcome {
    case .addresses, .gone, .failed: return nil
    case .stopped:
      return .ok(Self.topic, "not running, and without a static address; known once they run: \(names)")
    case .withoutAddress:
      return warning(
        "running, but no interface has an address that could name the guest: \(names)",
        wanted: "an address that is not link-local, on an interface other than docker*, br-* and veth*")
    case .agentNotEnabled:
      return warning(
        "running VMs without a guest agent in their configuration, so PVE cannot tell their addresses: \(names)",
        wanted: "the guest agent, or a static address in cloud-init", remedies: enabling(guests))
    case .agentSilent:
      return warning(
        "the guest agent does not answer in \(names)", wanted: "qemu-guest-agent installed and running in the VM",
        remedies: [Self.installation])
    case .agentRefused(let reason): return warning("the guest agent cannot be asked in \(names): \(reason)")
    case .predatesInterfaces:
      return warning(
        "running containers with DHCP, whose addresses PVE before 8.1 cannot tell: \(names)",
        wanted: "PVE 8.1 or newer, or static addresses", remedies: [Self.update])
    case .asksOwnNode:
      return warning(
        "running containers of which PVE tells no interfaces through this endpoint: \(names)",
        wanted: "pve-container 5.2.0 or newer; before, only the container's own node tells",
        remedies: [Self.update])
    case .nodeOffline: return warning("not readable, as their node cannot be reached: \(names)")
    case .forbidden: return warning("for want of a right that is named above, not readable: \(names)")
    }
  }

  private func warning(_ found: String, wanted: String? = nil, remedies: [Remedy] = []) -> Finding {
    Finding(Self.topic, .warning, found, wanted: wanted, remedies: remedies)
  }

  private func enabling(_ guests: [GuestSighting]) -> [Remedy] {
    let byNode = Dictionary(grouping: guests.prefix(8), by: \.node).sorted { $0.key < $1.key }
    return byNode.map { node, guests in
      Remedy(
        "on \(node), as root; it takes effect when the VM has been shut down and started again",
        guests.map { "qm set \($0.vmid) --agent enabled=1" })
    } + [Self.installation]
  }

  private static let update = Remedy(
    "on the nodes, as root, update PVE", ["apt-get update && apt-get dist-upgrade"])

  private static let installation = Remedy(
    "in the VM, as root (Debian and its kin; Windows has it on the virtio-win ISO)",
    ["apt-get install -y qemu-guest-agent && systemctl enable --now qemu-guest-agent"])
}

extension GuestSighting.Outcome {
  fileprivate var failure: String? {
    if case .failed(let reason) = self { reason } else { nil }
  }
}
