import HTTPMessages
import Synchronization

extension ProxyWorker {
  /// Target of the redirect for a request in clear text (`redirect_http`); nil if the request is served.
  ///
  /// ACME challenges are fetched in clear text (RFC 8555 §8.3), and behind a trusted proxy the client may already use
  /// TLS.
  func secureLocation(of head: RequestHead, from peer: ClientPeer) -> String? {
    let configuration = settings.configuration
    guard configuration.redirectsHTTP, !peer.isSecure, let port = services.securePort.value,
      !head.target.hasPrefix("/.well-known/acme-challenge/"), head.target.hasPrefix("/"),
      !(peer.isTrusted && ForwardingRecord(head.fields).scheme == "https")
    else { return nil }
    let name = head.hostName
    let host = name.utf8.contains(UInt8(ascii: ":")) ? "[\(name)]" : name
    return "https://\(host)\(isReachedDirectly(head, configuration) && port != 443 ? ":\(port)" : "")\(head.target)"
  }

  /// False if the port of the request is not that of the listener: then something in front of the agent maps ports, and
  /// is assumed to map 443 too.
  private func isReachedDirectly(_ head: RequestHead, _ configuration: ProxyConfiguration) -> Bool {
    guard let own = configuration.http?.port, own != 0 else { return true }
    let host = head.host
    let port = host.lastIndex(of: ":").flatMap { UInt16(host[host.index(after: $0)...]) } ?? 80
    return port == own
  }
}

/// The current port of the HTTPS listener.
final class SecurePort: Sendable {
  private let port = Atomic<UInt32>(0)

  /// Nil without a listener.
  var value: UInt16? {
    get { UInt16(exactly: port.load(ordering: .relaxed)).flatMap { $0 == 0 ? nil : $0 } }
    set { port.store(UInt32(newValue ?? 0), ordering: .relaxed) }
  }
}
