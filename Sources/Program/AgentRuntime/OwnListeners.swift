import NIOCore
import NameResolution
import ReverseProxy
import RouteModel
import StreamProxy

/// Recognises targets that are the agent's own listeners.
struct OwnListeners: Sendable {
  let host: ServingHost

  /// `proxy.http listens on 127.0.0.1:8080`; nil if the target is something else.
  ///
  /// Another route's stream does not count: connections through it reach that route's own target.
  func name(of route: RouteID, _ upstream: Upstream) async -> String? {
    guard let serving = host.current, case .network(let scheme, let host, let port) = upstream else { return nil }
    let proxy = scheme == .udp ? [:] : serving.http.listening
    let stream = serving.streams.listeners.state(of: route)?.address
    let listeners =
      proxy.sorted(by: <).map { ("proxy.\($0)", $1) } + [stream.map { ("the route itself", $0) }].compactMap { $0 }
    let candidates = listeners.filter { $0.1.hasSuffix(":\(port)") }
    if candidates.isEmpty { return nil }
    let addresses = await Self.addresses(of: host)
    let reached = candidates.first { listener in addresses.contains { Self.isReached(listener.1, by: $0) } }
    return reached.map { "\($0) listens on \($1)" }
  }

  /// - Parameter listening: `ADDRESS:PORT` of a socket.
  private static func isReached(_ listening: String, by address: IPAddress) -> Bool {
    guard let colon = listening.lastIndex(of: ":"), let own = IPAddress(listening[..<colon]) else { return false }
    if own == address || own.isLoopback && address.isUnspecified { return true }
    guard own.isUnspecified, own.family == .ipv6 || address.family == .ipv4 else { return false }
    return address.isOfThisMachine
  }

  /// Empty while the name cannot be resolved: the probe fails by itself in that case.
  private static func addresses(of host: String) async -> [IPAddress] {
    let answer = await NameResolver.system.addresses(of: host, timeout: .seconds(1))
    return ((try? answer.get()) ?? []).compactMap { IPAddress($0) }
  }
}

extension IPAddress {
  /// Checks the current interfaces.
  fileprivate var isOfThisMachine: Bool {
    if isUnspecified || isLoopback { return true }
    let devices = (try? System.enumerateDevices()) ?? []
    return devices.contains { $0.address?.ipAddress.flatMap { IPAddress($0) } == self }
  }
}
