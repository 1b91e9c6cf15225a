/// Why the agent cannot listen on its socket. Each error ends the start; existing files are left in place.
package enum SocketError: Error, Hashable, Sendable {
  case pathTooLong(path: String, bytes: Int)
  /// There is a directory, a plain file or anything else at the path.
  case notASocket(path: String, found: String)
  /// Another process listens there; its ID if the kernel or the lock file has it.
  case inUse(path: String, pid: Int32?)
  /// A step failed, with the system's reason.
  case failed(path: String, step: SocketStep, reason: String)
  /// Another process replaced the file meanwhile.
  case replaced(path: String)
  /// The listener closed by itself.
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
      "cannot listen on '\(path)': another process replaced the socket at the same time: stop it, or set another socket.path"
    case .closed(let path, let reason):
      "the listener on '\(path)' ended: \(reason)"
    }
  }
}
