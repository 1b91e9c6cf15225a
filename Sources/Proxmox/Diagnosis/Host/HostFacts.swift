import Glibc
import LinuxSystem

/// The parts of its own machine that the agent depends on.
package struct HostFacts: Hashable, Sendable {
  package var stateDirectory: String
  /// Why the directory cannot be written; nil if it can.
  package var stateDirectoryFault: String?
  /// The user that runs the diagnosis; the agent's may differ.
  package var user: String
  /// The owner of the state directory; nil if it does not exist.
  package var owner: String?

  package init(stateDirectory: String, stateDirectoryFault: String?, user: String, owner: String?) {
    self.stateDirectory = stateDirectory
    self.stateDirectoryFault = stateDirectoryFault
    self.user = user
    self.owner = owner
  }

  /// Only inspects the directory, and creates nothing.
  package init(lookingAt stateDirectory: String) {
    let fault = Self.fault(of: stateDirectory)
    self.init(
      stateDirectory: stateDirectory, stateDirectoryFault: fault, user: SystemAccounts.name(ofUser: geteuid()),
      owner: Self.owner(of: stateDirectory))
  }

  /// The agent creates a missing directory, so it suffices that it could.
  private static func fault(of path: String) -> String? {
    var status = stat()
    var place = path
    while stat(place, &status) != 0 {
      guard errno == ENOENT, place.count > 1 else { return "\(place): \(SystemError.text(errno))" }
      place = parent(of: place)
    }
    guard status.st_mode & S_IFMT == S_IFDIR else { return "\(place) is not a directory" }
    guard access(place, W_OK | X_OK) == 0 else {
      return place == path
        ? SystemError.text(errno) : "it does not exist, and in \(place) it cannot be made: \(SystemError.text(errno))"
    }
    return nil
  }

  private static func owner(of path: String) -> String? {
    var status = stat()
    return stat(path, &status) == 0 ? SystemAccounts.name(ofUser: status.st_uid) : nil
  }

  private static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
