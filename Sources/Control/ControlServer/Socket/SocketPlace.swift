import FoundationEssentials

/// Checks the path of a socket before it is used.
package enum SocketPlace {
  /// The reason why the path cannot be used: a file that is not a socket.
  package static func obstacle(at path: String) -> SocketError? {
    switch FileIdentity.type(of: path) {
    case nil, .typeSocket: nil
    case .typeDirectory: .notASocket(path: path, found: "a directory")
    case .typeSymbolicLink: .notASocket(path: path, found: "a symbolic link")
    case .typeRegular: .notASocket(path: path, found: "a plain file")
    default: .notASocket(path: path, found: "a device or pipe")
    }
  }
}
