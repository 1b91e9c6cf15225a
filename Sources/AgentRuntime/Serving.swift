import Logging
import NIOCore
import NIOPosix
import ProxyTraffic
import ReverseProxy
import RouteRegistry
import ServiceLifecycle
import StreamProxy

/// All that serves routes: there if `proxy:` is.
struct Serving: Sendable {
  let traffic: TrafficBook
  let accessLog: AccessLog
  let streams: StreamProxy
  let http: ReverseProxy

  init(_ configuration: ProxyConfiguration, registry: RouteRegistry, logger: Logger) {
    let group: any EventLoopGroup = .singletonMultiThreadedEventLoopGroup
    traffic = TrafficBook(registry: registry)
    accessLog = AccessLog(configuration.accessLog, logger: logger)
    streams = StreamProxy(
      configuration: configuration.streams, proxyProtocol: configuration.proxyProtocol, registry: registry,
      traffic: traffic, group: group, logger: logger)
    http = ReverseProxy(
      configuration: configuration, registry: registry, traffic: traffic, accessLog: accessLog, group: group,
      logger: logger)
  }

  /// In the order of dependency: the log ends behind what logs.
  var services: [ServiceGroupConfiguration.ServiceConfiguration] {
    [
      .init(service: accessLog, serviceName: "access log"),
      .init(service: streams, serviceName: "stream proxy"),
      .init(service: http, serviceName: "reverse proxy"),
    ]
  }

  /// Puts in force what a reload may change: all but the addresses.
  func replace(_ configuration: ProxyConfiguration) {
    accessLog.replace(configuration.accessLog)
    streams.replace(configuration.streams, configuration.proxyProtocol)
    http.replace(configuration)
  }
}

extension ProxyConfiguration {
  fileprivate var proxyProtocol: ProxyProtocolPolicy {
    ProxyProtocolPolicy(isAccepted: acceptsProxyProtocol, trustedProxies: trustedProxies)
  }
}
