import ControlAPI

extension FieldList {
  /// Adds the full description of a link, including candidates and details.
  mutating func add(_ link: LinkJSON) {
    switch link {
    case .linked(let resource):
      add("link", LinkText.text(resource, namesCluster: true), color: .green)
      add("matched", "\(resource.matchedBy) \(resource.matched)")
    case .ambiguous(let candidates, let detail):
      add("link", "ambiguous: \(detail)", color: .yellow)
      for candidate in candidates {
        add(
          "candidate", "\(LinkText.text(candidate, namesCluster: true)) (\(candidate.matchedBy) \(candidate.matched))")
      }
    case .unlinked(let reason, let detail):
      add("link", detail.isEmpty ? "none: \(reason)" : "none: \(detail)", color: .dim)
    }
  }
}
