import Diagnosis
import Glibc
import LinuxSystem

/// Starts the agent by its unit, if that reads the file that was set up.
struct ServiceStart: Sendable {
  static let command = "systemctl enable --now pvescout"

  /// Whether systemd runs this machine, and this user may start units.
  let isPossible: Bool
  /// The group that has to read the agent's files; nil if there is no such group, or files cannot be given to it.
  let group: (name: String, id: UInt32)?

  init(configuration path: String) {
    let unit = ServiceUnit.installed().flatMap { $0.runs(configuration: path) ? $0 : nil }
    let isBooted = access("/run/systemd/system", F_OK) == 0
    isPossible = unit != nil && isBooted && geteuid() == 0
    let name = unit.map { $0.groups.first ?? SystemUser(named: $0.user)?.group ?? "pvescout" } ?? "pvescout"
    group = geteuid() == 0 ? SystemAccounts.group(named: name).map { (name, $0) } : nil
  }

  var isActive: Bool {
    get async { await offPool { system("systemctl is-active --quiet pvescout") == 0 } }
  }

  /// Whether the unit is active afterwards.
  func start() async -> Bool {
    await offPool { system(Self.command) == 0 }
  }
}
