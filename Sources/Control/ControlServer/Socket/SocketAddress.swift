import Glibc

/// The address of a Unix socket in the kernel's format.
struct SocketAddress {
  /// `sun_path` has 108 bytes, the last of which is the terminator (unix(7)).
  static let maximumBytes = 107

  private var address = sockaddr_un()

  init(path: String) throws(SocketError) {
    let bytes = Array(path.utf8)
    guard bytes.count <= Self.maximumBytes else { throw .pathTooLong(path: path, bytes: bytes.count) }
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
  }

  func bind(_ descriptor: Int32) -> Bool { withPointer { Glibc.bind(descriptor, $0, $1) } == 0 }

  func connect(_ descriptor: Int32) -> Bool { withPointer { Glibc.connect(descriptor, $0, $1) } == 0 }

  private func withPointer(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    withUnsafeBytes(of: address) { bytes in
      bytes.withMemoryRebound(to: sockaddr.self) { pointer in
        guard let base = pointer.baseAddress else { return -1 }
        return body(base, socklen_t(bytes.count))
      }
    }
  }
}
