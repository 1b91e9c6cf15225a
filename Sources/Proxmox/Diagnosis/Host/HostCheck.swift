/// Judges the agent's own machine.
package struct HostCheck {
  package let host: HostFacts
  /// Nil if no unit starts the agent with the given file.
  package let service: ServiceFacts?

  package init(host: HostFacts, service: ServiceFacts?) { (self.host, self.service) = (host, service) }

  package var checks: [Finding] { [stateDirectory] + (service.map { [check($0)] } ?? []) }

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

  private func check(_ service: ServiceFacts) -> Finding {
    let topic = "service"
    switch service {
    case .unknownUser(let name):
      return Finding(
        topic, .problem, "the unit starts the agent as the user '\(name)', which this machine does not have",
        wanted: "a user of its own for the agent",
        remedies: [
          Remedy(
            "on the agent's machine, as root",
            ["useradd --system --user-group --no-create-home --shell /usr/sbin/nologin \(ShellWord.quote(name))"])
        ])
    case .user(let name, _, let unreadable) where unreadable.isEmpty:
      return .ok(topic, "the unit starts the agent as \(name), which can read its file and the files named there")
    case .user(let name, let group, let unreadable):
      return Finding(
        topic, .problem,
        "the unit starts the agent as \(name), which cannot read \(unreadable.map(\.description).joined(separator: ", "))",
        wanted: "files that only this user can read",
        remedies: [
          Remedy("on the agent's machine, as root", unreadable.flatMap { $0.commands(group: group) })
        ])
    }
  }
}
