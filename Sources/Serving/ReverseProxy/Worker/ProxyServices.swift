package import Logging
package import NameResolution
package import ProxyTLS
package import ProxyTraffic
package import RouteRegistry
package import ServerSockets
package import StreamProxy
package import WakeOnDemand

/// Whom every event loop asks.
package struct ProxyServices: Sendable {
  let registry: RouteRegistry
  let traffic: TrafficBook
  let accessLog: AccessLog
  /// What clients are shown.
  let certificates: CertificateStore
  /// Whom upstreams have to be.
  let upstreamTLS: UpstreamTLS
  /// Who relays TLS that is passed through.
  let streams: StreamProxy
  /// Finds upstreams by their names.
  let names: NameResolver
  let descriptors: DescriptorBudget
  /// Nil if no guest is ever woken.
  let gates: WakeGates?
  let logger: Logger
  let securePort = SecurePort()

  package init(
    registry: RouteRegistry, traffic: TrafficBook, accessLog: AccessLog, certificates: CertificateStore,
    upstreamTLS: UpstreamTLS, streams: StreamProxy, names: NameResolver = .system,
    descriptors: DescriptorBudget = DescriptorBudget(), gates: WakeGates? = nil, logger: Logger
  ) {
    self.registry = registry
    self.traffic = traffic
    self.accessLog = accessLog
    self.certificates = certificates
    self.upstreamTLS = upstreamTLS
    self.streams = streams
    self.names = names
    self.descriptors = descriptors
    self.gates = gates
    self.logger = logger
  }
}
