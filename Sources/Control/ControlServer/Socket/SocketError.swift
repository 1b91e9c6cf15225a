/// Why the agent cannot listen on its socket. Each ends the start; nothing that was found is removed.
package enum SocketError: Error, Hashable, Sendable {
  case pathTooLong(path: String, bytes: Int)
  /// A directory, a plain file or anything else stands at the path.
  case notASocket(path: String, found: String)
  /// Somebody listens there; the process where the kernel or the lock file tells it.
  case inUse(path: String, pid: Int32?)
  /// A step on the way failed, with the system's reason.
  case failed(path: String, step: SocketStep, reason: String)
  /// Somebody else put another file there meanwhile.
  case replaced(path: String)
  /// The listener ended by itself.
  case closed(path: String, reason: String)
}

extension SocketError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .pathTooLong(let path, let bytes):
      "socket.path is \(bytes) bytes long, a Unix socket's path has at most \(SocketAddress.maximumBytes): "
        + "choose a shorter one than '\(path)'"
    case .notASocket(let path, let found):
      "socket.path '\(path)' is \(found), not a socket: move it away or choose another path"
    case .inUse(let path, let pid):
      "another agent\(pid.map { " (process \($0))" } ?? "") listens on '\(path)': stop it or set another socket.path"
    case .failed(let path, let step, let reason):
      "cannot listen on '\(path)': \(step): \(reason); \(step.remedy)"
    case .replaced(let path):
      "cannot listen on '\(path)': somebody else replaced the socket at once: see who, or set another socket.path"
    case .closed(let path, let reason):
      "the listener on '\(path)' ended: \(reason)"
    }
  }
}
