import CLinux
import Glibc
import LinuxSystem

/// The system's resolver: getaddrinfo(3) with its hosts file, its services, and its `localhost`.
package enum SystemResolver {
  /// The maximum number of addresses of a name; more are never tried.
  private static let maxAddresses = 16

  /// Limits the wait for one nameserver: 2 s, asked once, unless the environment says otherwise (resolv.conf(5)).
  ///
  /// Call it before other threads start: it changes the environment.
  package static func limitTimeouts() { setenv("RES_OPTIONS", "timeout:2 attempts:1", 0) }

  /// Looks up a name; blocks until the system's resolver answers.
  static func lookUp(_ name: String) -> NameAnswer {
    // All names below `localhost` are this machine (RFC 6761 §6.3), which not every resolver knows.
    let (code, addresses) = addresses(name.hasSuffix(".localhost") ? "localhost" : name, flags: 0)
    // The code of getaddrinfo(3) is arbitrary if it could not open the hosts file.
    if code != 0, let shortage = SystemError.shortage { return .failure(.shortage(reason: SystemError.text(shortage))) }
    switch code {
    case 0 where !addresses.isEmpty: return .success(addresses)
    case 0: return .failure(.doesNotExist(times: 1))
    case _ where clinux_is_missing_name(code): return .failure(.doesNotExist(times: 1))
    case EAI_SYSTEM: return .failure(.unavailable(reason: SystemError.text(errno)))
    default: return .failure(.unavailable(reason: String(cString: gai_strerror(code))))
    }
  }

  /// The address in a literal, without a lookup; nil for a name.
  package static func literal(_ host: String) -> String? {
    // Every format begins with a digit or contains a colon (inet_aton(3), RFC 4291 §2.2): most names need no further
    // check.
    guard let first = host.utf8.first, (0x30...0x39).contains(first) || host.utf8.contains(UInt8(ascii: ":")) else {
      return nil
    }
    return addresses(host, flags: AI_NUMERICHOST).found.first
  }

  private static func addresses(_ name: String, flags: Int32) -> (code: Int32, found: [String]) {
    var hints = addrinfo()
    hints.ai_flags = flags
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(name, nil, &hints, &list)
    guard code == 0 else { return (code, []) }
    defer { freeaddrinfo(list) }
    var found: [String] = []
    var next = list
    while let entry = next?.pointee, found.count < maxAddresses {
      if let text = text(of: entry), !found.contains(text) { found.append(text) }
      next = entry.ai_next
    }
    return (0, found)
  }

  private static func text(of entry: addrinfo) -> String? {
    guard entry.ai_family == AF_INET || entry.ai_family == AF_INET6 else { return nil }
    var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let length = socklen_t(text.count)
    guard getnameinfo(entry.ai_addr, entry.ai_addrlen, &text, length, nil, 0, NI_NUMERICHOST) == 0 else { return nil }
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
