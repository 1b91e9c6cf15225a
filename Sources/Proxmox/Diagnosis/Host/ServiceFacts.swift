/// Whether the service's user can read the agent's files. The diagnosis may run as another user, even root.
package enum ServiceFacts: Hashable, Sendable {
  case unknownUser(String)
  /// The files that the user cannot read with that group.
  case user(String, group: String, unreadable: [FileFault])

  /// Nil if no unit runs the agent with that file.
  ///
  /// - Parameter files: other files that the agent must be able to read.
  package init?(configuration: String, files: [String], unitFolders: [String] = ServiceUnit.folders) {
    guard let unit = ServiceUnit.installed(in: unitFolders), unit.runs(configuration: configuration) else { return nil }
    guard let user = SystemUser(named: unit.user, groups: unit.groups) else {
      self = .unknownUser(unit.user)
      return
    }
    var unreadable: [FileFault] = []
    for fault in ([configuration] + files).compactMap(user.faultReading) where !unreadable.contains(fault) {
      unreadable.append(fault)
    }
    self = .user(user.name, group: unit.groups.first ?? user.group, unreadable: unreadable)
  }
}
