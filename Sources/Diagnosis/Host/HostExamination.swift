/// Judges the agent's own machine.
package struct HostExamination {
  package let host: HostFacts
  /// `socket.group` and `socket.admin_group`, where they are set: key, name, and whether the system knows it.
  package let groups: [(key: String, name: String, isKnown: Bool)]

  package init(host: HostFacts, groups: [(key: String, name: String, isKnown: Bool)]) {
    (self.host, self.groups) = (host, groups)
  }

  package var checks: [Finding] { [stateDirectory] + groups.map(check) }

  private var stateDirectory: Finding {
    let topic = "state_dir"
    let path = host.stateDirectory
    guard let fault = host.stateDirectoryFault else {
      let owner = host.owner.map { $0 == host.user ? "" : ", and belongs to \($0)" } ?? ", and is made by the agent"
      return .ok(topic, "\(path) can be written by \(host.user)\(owner)")
    }
    let owner = ShellWord.quote(host.owner == nil || host.owner == "root" ? "pvescout" : host.owner ?? "")
    return Finding(
      topic, .problem, "\(path) cannot be written by \(host.user): \(fault)",
      wanted: "a directory that the agent's user can write: the last inventory is kept there",
      remedies: [
        Remedy(
          "on the agent's machine, as root; name the user that the agent runs as",
          ["install -d -m 750 -o \(owner) \(ShellWord.quote(path))"])
      ])
  }

  private func check(_ group: (key: String, name: String, isKnown: Bool)) -> Finding {
    let topic = "socket.\(group.key)"
    guard !group.isKnown else { return .ok(topic, "the group \(group.name) exists") }
    return Finding(
      topic, .problem, "this machine knows no group '\(group.name)'; the agent does not start without it",
      wanted: "a group that exists",
      remedies: [Remedy("on the agent's machine, as root", ["groupadd --system \(ShellWord.quote(group.name))"])])
  }
}
