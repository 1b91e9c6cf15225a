/// A step towards a listening socket, for messages: what was tried, and how to mend its failure.
package enum SocketStep: Hashable, Sendable {
  case makingDirectory(String)
  case openingLock(String)
  case locking(String)
  case asking
  case removingStale
  case making
  case binding
  case givingToGroup(String)
  case settingMode
  case listening
}

extension SocketStep: CustomStringConvertible {
  package var description: String {
    switch self {
    case .makingDirectory(let path): "making the directory \(path)"
    case .openingLock(let file): "opening \(file)"
    case .locking(let file): "locking \(file)"
    case .asking: "checking whether an agent listens there"
    case .removingStale: "removing the stale socket"
    case .making: "making a socket"
    case .binding: "binding"
    case .givingToGroup(let group): "giving it to socket.group '\(group)'"
    case .settingMode: "setting socket.mode"
    case .listening: "listening"
    }
  }

  var remedy: String {
    switch self {
    case .makingDirectory(let path):
      "make it for the agent's user ('install -d -o USER \(path)'), or set another socket.path"
    case .givingToGroup(let group): "the agent's user must be a member of it ('usermod -aG \(group) USER'), or root"
    case .openingLock, .locking, .asking, .removingStale, .binding, .settingMode:
      "the agent's user must be able to write in its directory; or set another socket.path"
    case .making, .listening: "is the system out of file descriptors or memory?"
    }
  }
}
