import FoundationEssentials

/// The path of a socket, as it stands before anybody listens there.
package enum SocketPlace {
  /// What stands at the path and is no socket: nobody's to remove.
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
