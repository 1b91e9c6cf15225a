import Glibc
import LinuxSystem
package import Logging
package import NIOCore
package import NIOPosix
import Synchronization

/// The sockets that systemd has opened for this process (sd_listen_fds(3)), by the address to which they are bound.
///
/// They stay open as long as the process. A listener gets a duplicate, so that a reload may close and open it again.
package final class InheritedSockets: Sendable {
  private struct Entry: Sendable {
    var descriptor: CInt
    /// `FileDescriptorName=` of the unit.
    var name: String
    var address: SocketAddress
    var isDatagram: Bool
    var isUsed = false
  }

  private struct Refused: Error { var reason: String }

  /// The number of the first one (SD_LISTEN_FDS_START).
  private static let first: CInt = 3
  /// More than any unit has.
  private static let most: CInt = 1024
  private static let variables = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"]

  private let entries: Mutex<[Entry]>
  private let refused: Mutex<[(name: String, reason: String)]>

  /// None.
  package convenience init() { self.init(names: []) }

  /// Takes over the sockets that were passed to this process, which children do not get. Call it once, before anything
  /// else reads the environment, from which they are removed.
  package static func adopt() -> InheritedSockets {
    let (process, count, names) = (variable("LISTEN_PID"), variable("LISTEN_FDS"), variable("LISTEN_FDNAMES"))
    for name in variables { unsetenv(name) }
    guard let process, pid_t(process) == getpid(), let count = count.flatMap({ CInt($0) }), (1...most).contains(count)
    else { return InheritedSockets() }
    let known = (names ?? "").split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    return InheritedSockets(names: (0..<Int(count)).map { known.indices.contains($0) ? known[$0] : "unknown" })
  }

  private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  private init(names: [String]) {
    var (entries, refused): ([Entry], [(name: String, reason: String)]) = ([], [])
    for (descriptor, name) in zip(Self.first..., names) {
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      do throws(Refused) { entries.append(try Self.inspect(descriptor, name)) } catch {
        refused.append((name, error.reason))
        close(descriptor)
      }
    }
    self.entries = Mutex(entries)
    self.refused = Mutex(refused)
  }

  /// A duplicate of the socket at exactly this address, to be closed by the caller; nil if none was passed. Throws
  /// `IOError` if there is no descriptor left.
  package func socket(at address: SocketAddress, isDatagram: Bool) throws -> NIOBSDSocket.Handle? {
    try entries.withLock { entries in
      let index = entries.firstIndex { $0.address == address && $0.isDatagram == isDatagram }
      guard let index else { return nil }
      let duplicate = fcntl(entries[index].descriptor, F_DUPFD_CLOEXEC, Self.first)
      guard duplicate >= 0 else { throw IOError(errnoCode: errno, reason: "fcntl") }
      entries[index].isUsed = true
      return duplicate
    }
  }

  /// Closes and names those that no listener has asked for, and names those that no listener could use.
  package func closeUnused(logger: Logger) {
    let unused = entries.withLock { entries in
      defer { entries.removeAll { !$0.isUsed } }
      return entries.filter { !$0.isUsed }
    }
    for entry in unused {
      close(entry.descriptor)
      let address = "\(entry.isDatagram ? "udp" : "tcp") \(entry.address.hostPort)"
      logger.warning(
        "socket of systemd not used: neither proxy nor a route listens there",
        metadata: ["address": "\(address)", "name": "\(entry.name)"])
    }
    let refused = refused.withLock { refused in
      defer { refused = [] }
      return refused
    }
    for (name, reason) in refused {
      logger.warning("socket of systemd not used: \(reason)", metadata: ["name": "\(name)"])
    }
  }

  private static func inspect(_ descriptor: CInt, _ name: String) throws(Refused) -> Entry {
    let address = try address(of: descriptor)
    switch try option(SO_TYPE, of: descriptor) {
    case CInt(SOCK_STREAM.rawValue):
      guard try option(SO_ACCEPTCONN, of: descriptor) != 0 else {
        throw Refused(reason: "it does not listen, as with Accept=yes")
      }
      return Entry(descriptor: descriptor, name: name, address: address, isDatagram: false)
    case CInt(SOCK_DGRAM.rawValue):
      return Entry(descriptor: descriptor, name: name, address: address, isDatagram: true)
    default: throw Refused(reason: "it is neither TCP nor UDP")
    }
  }

  private static func address(of descriptor: CInt) throws(Refused) -> SocketAddress {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    // getsockname(2) writes at most `length` bytes, the size of the storage, which fits every address.
    let result = withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    guard result == 0 else { throw Refused(reason: SystemError.text(errno)) }
    return switch CInt(storage.ss_family) {
    case AF_INET: SocketAddress(withUnsafeBytes(of: storage) { $0.load(as: sockaddr_in.self) })
    case AF_INET6: SocketAddress(withUnsafeBytes(of: storage) { $0.load(as: sockaddr_in6.self) })
    default: throw Refused(reason: "it has no IP address")
    }
  }

  private static func option(_ name: CInt, of descriptor: CInt) throws(Refused) -> CInt {
    var value: CInt = 0
    var length = socklen_t(MemoryLayout<CInt>.size)
    guard getsockopt(descriptor, SOL_SOCKET, name, &value, &length) == 0 else {
      throw Refused(reason: SystemError.text(errno))
    }
    return value
  }
}

extension ServerBootstrap {
  /// Listens at the address, on the socket that systemd has opened there if there is one. Throws the error of bind(2)
  /// or listen(2).
  package func listen(at address: SocketAddress, _ inherited: InheritedSockets) async throws -> any Channel {
    if let socket = try inherited.socket(at: address, isDatagram: false) {
      return try await withBoundSocket(socket).get()
    }
    return try await bind(to: address).get()
  }
}

extension DatagramBootstrap {
  /// The same for datagrams. Throws the error of bind(2).
  package func listen(at address: SocketAddress, _ inherited: InheritedSockets) async throws -> any Channel {
    if let socket = try inherited.socket(at: address, isDatagram: true) {
      return try await withBoundSocket(socket).get()
    }
    return try await bind(to: address).get()
  }
}
