import AgentConfiguration
import ControlServer

extension AgentConfiguration {
  /// The settings of another configuration that differ, and that only a restart can apply, by their keys.
  func settingsForRestart(in new: AgentConfiguration) -> [String] {
    let settings = [
      ("socket.path", socket.path != new.socket.path), ("state_dir", stateDirectory != new.stateDirectory),
      ("log.level", log.level != new.log.level),
      ("log.format", log.format != new.log.format),
    ]
    return settings.filter(\.1).map(\.0)
  }
}
