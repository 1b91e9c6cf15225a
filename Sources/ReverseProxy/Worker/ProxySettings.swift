import HTTPMessages
import ProxyTraffic
import RouteModel
import RouteRegistry

/// What all event loops share: the configuration in force, and whom to ask.
struct ProxySettings: Sendable {
  var configuration: ProxyConfiguration
  var hostRule: HostRule

  init(_ configuration: ProxyConfiguration) {
    self.configuration = configuration
    hostRule = HostRule(matchDomains: configuration.matchDomains)
  }

  var timeouts: ProxyConfiguration.Timeouts { configuration.timeouts }
  var limits: MessageLimits { configuration.limits }
}
