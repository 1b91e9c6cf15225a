import HTTPMessages
import ProxyTraffic
import RouteModel
import RouteRegistry
import StreamProxy

/// The current configuration and values derived from it, shared by all event loops.
final class ProxySettings: Sendable {
  let configuration: ProxyConfiguration
  let hostRule: HostRule
  let identity: ProxyIdentity

  init(_ configuration: ProxyConfiguration, identity: ProxyIdentity) {
    (self.configuration, self.identity) = (configuration, identity)
    hostRule = HostRule(matchDomains: configuration.matchDomains)
  }

  var timeouts: ProxyConfiguration.Timeouts { configuration.timeouts }
  var proxyProtocol: ProxyProtocolPolicy {
    ProxyProtocolPolicy(
      isAccepted: configuration.acceptsProxyProtocol, trustedProxies: configuration.trustedProxies)
  }
  var limits: MessageLimits { configuration.limits }
}

/// A random token in the `by` parameter of Forwarded (RFC 7239 §5.1), by which the proxy recognizes its own requests.
///
/// Via is meant for this too, but many servers do not compress responses to requests with it.
struct ProxyIdentity: Hashable, Sendable {
  let token: String

  private static let prefix = "_pvescout-"

  init() { token = Self.prefix + String(UInt64.random(in: .min ... .max), radix: 36) }

  /// Whether a `by` parameter is the token of any pvescout.
  static func isToken(_ text: String) -> Bool {
    text.hasPrefix(prefix) && (1...13).contains(text.utf8.count - prefix.utf8.count)
      && text.utf8.dropFirst(prefix.utf8.count).allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7a).contains($0) }
  }

  /// Whether the request has passed through this proxy before, and would loop.
  func forwarded(_ head: RequestHead) -> Bool {
    guard let list = head.fields.list(of: .forwarded) else { return false }
    return list.contains(token)
  }
}
