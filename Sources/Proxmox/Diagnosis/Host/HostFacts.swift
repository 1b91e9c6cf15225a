import Glibc

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
      stateDirectory: stateDirectory, stateDirectoryFault: fault, user: Self.name(of: geteuid()),
      owner: Self.owner(of: stateDirectory))
  }

  /// The agent creates a missing directory, so it suffices that it could.
  private static func fault(of path: String) -> String? {
    var status = stat()
    var place = path
    while stat(place, &status) != 0 {
      guard errno == ENOENT, place.count > 1 else { return "\(place): \(Self.text(errno))" }
      place = parent(of: place)
    }
    guard status.st_mode & S_IFMT == S_IFDIR else { return "\(place) is not a directory" }
    guard access(place, W_OK | X_OK) == 0 else {
      return place == path
        ? Self.text(errno) : "it does not exist, and in \(place) it cannot be made: \(Self.text(errno))"
    }
    return nil
  }

  private static func owner(of path: String) -> String? {
    var status = stat()
    return stat(path, &status) == 0 ? name(of: status.st_uid) : nil
  }

  private static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func text(_ code: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      guard let base = buffer.baseAddress, strerror_r(code, base, buffer.count) == 0 else { return "error \(code)" }
      return String(cString: base)
    }
  }

  /// The user ID if the system has no name for it.
  private static func name(of user: uid_t) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16 << 10) { buffer in
      var entry = passwd()
      var found: UnsafeMutablePointer<passwd>?
      guard let base = buffer.baseAddress, getpwuid_r(user, &entry, base, buffer.count, &found) == 0, found != nil,
        let name = entry.pw_name
      else { return String(user) }
      return String(cString: name)
    }
  }
}
