import FoundationEssentials
import LinuxSystem
import Logging
import ProxmoxAPI
import ProxmoxInventory
import RouteModel
import StateFiles

/// The last inventory of each cluster in `state_dir`, so that it is known after a restart while PVE is down.
struct InventoryCache: Sendable {
  private static let version = 1

  let folder: String
  /// False for commands, which leave damaged files where they are.
  var keepsDamaged = true
  let logger: Logger

  /// The saved inventory of a cluster; nil if there is none of use, which is logged if it is unexpected.
  func restore(_ configuration: ClusterConfiguration) -> InventoryBuilder? {
    let (saved, problem) = file(of: configuration.name).load()
    if let problem {
      logger.warning(
        "cached inventory not restored in full",
        metadata: ["pve.cluster": "\(configuration.name)", "error": "\(problem)"])
    }
    guard let saved else { return nil }
    guard !Set(saved.content.endpoints).isDisjoint(with: configuration.endpoints) else {
      logger.warning(
        "cached inventory ignored: it was read from other endpoints",
        metadata: ["pve.cluster": "\(configuration.name)", "path": "\(file(of: configuration.name).path)"])
      return nil
    }
    var builder = saved.content.builder(name: configuration.name)
    builder.preferences = configuration.preferences
    builder.markStale("not read since the agent's start: this is what was known before")
    return builder
  }

  func save(_ builder: InventoryBuilder, of configuration: ClusterConfiguration) async -> StateFileError? {
    guard let content = SavedCluster(builder, endpoints: configuration.endpoints) else { return nil }
    do {
      try await offPool { () throws(StateFileError) in try file(of: configuration.name).save(content) }
      return nil
    } catch {
      return error
    }
  }

  private func file(of name: ClusterName) -> StateFile<SavedCluster> {
    StateFile(in: folder, name: "inventory-\(name)", version: Self.version, keepsDamaged: keepsDamaged)
  }
}
