package import Logging
package import NameResolution
package import ProxyTLS
package import ProxyTraffic
package import RouteRegistry
package import ServerSockets
package import StreamProxy
package import WakeOnDemand

/// The dependencies of the proxy, shared by all event loops.
package struct ProxyServices: Sendable {
  let registry: RouteRegistry
  let traffic: TrafficBook
  let accessLog: AccessLog
  /// Certificates for client connections.
  let certificates: CertificateStore
  /// TLS for upstream connections.
  let upstreamTLS: UpstreamTLS
  /// Relays connections with TLS passthrough.
  let streams: StreamProxy
  /// Resolves the names of upstreams.
  let names: NameResolver
  let descriptors: DescriptorBudget
  let inherited: InheritedSockets
  /// Nil without wake-on-demand.
  let gates: WakeGates?
  let logger: Logger
  let securePort = SecurePort()
  /// Threads that read the files of file servers.
  var folders = FolderThreadPools()
  /// The maximum number of bytes of HTTP/2 bodies that wait on each event loop.
  var maxWaitingBytes = 64 * 1024 * 1024

  package init(
    registry: RouteRegistry, traffic: TrafficBook, accessLog: AccessLog, certificates: CertificateStore,
    upstreamTLS: UpstreamTLS, streams: StreamProxy, names: NameResolver = .system,
    descriptors: DescriptorBudget = DescriptorBudget(), inherited: InheritedSockets = InheritedSockets(),
    gates: WakeGates? = nil, logger: Logger
  ) {
    self.registry = registry
    self.traffic = traffic
    self.accessLog = accessLog
    self.certificates = certificates
    self.upstreamTLS = upstreamTLS
    self.streams = streams
    self.names = names
    self.descriptors = descriptors
    self.inherited = inherited
    self.gates = gates
    self.logger = logger
  }
}
