import Glibc

/// Unix sockets of other processes.
enum Sockets {
  struct Failure: Error { var code = errno }

  /// Binds and ends, as a process that was killed.
  static func leaveStale(at path: String) throws { close(try bound(at: path)) }

  /// Listens without ever accepting.
  static func listen(at path: String) throws -> Int32 {
    let descriptor = try bound(at: path)
    guard Glibc.listen(descriptor, 4) == 0 else { throw Failure() }
    return descriptor
  }

  static func connect(to path: String) throws -> Int32 { try opened(path, Glibc.connect) }

  private static func bound(at path: String) throws -> Int32 { try opened(path, Glibc.bind) }

  private static func opened(
    _ path: String, _ use: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) throws -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { use(descriptor, $0, size) }
    }
    guard status == 0 else { throw Failure() }
    return descriptor
  }
}
