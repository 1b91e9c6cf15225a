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
