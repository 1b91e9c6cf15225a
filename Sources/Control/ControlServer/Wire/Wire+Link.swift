import ControlAPI
import RouteModel

extension LinkJSON {
  init(_ link: ProxmoxLink) {
    switch link {
    case .linked(let resource): self = .linked(LinkedResourceJSON(resource))
    case .ambiguous(let candidates, let reason):
      self = .ambiguous(candidates: candidates.map(LinkedResourceJSON.init), detail: reason)
    case .unlinked(let reason): self = .unlinked(reason: reason.code.rawValue, detail: reason.detail)
    }
  }
}

extension LinkedResourceJSON {
  init(_ resource: LinkedResource) {
    let (by, matched) = (resource.matchedBy.rawValue, resource.matched)
    switch resource.identity {
    case .node(let id):
      self.init(
        kind: .node, cluster: id.cluster, node: id.name, vmid: 0, name: id.name, matchedBy: by, matched: matched)
    case .guest(let id, let node, let name, let type, let status):
      self.init(
        kind: .guest, cluster: id.cluster, node: node, vmid: id.vmid, name: name, guestType: type.rawValue,
        guestStatus: status.text, matchedBy: by, matched: matched)
    }
  }
}

extension LinkStepJSON {
  init(_ step: LinkStep) {
    self.init(step: "\(step.subject)", outcome: "\(step.outcome)", detail: step.detail)
  }
}
