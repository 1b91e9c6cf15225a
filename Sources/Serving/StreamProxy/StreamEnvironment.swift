import Logging
import NIOCore
import NIOSSL
import NameResolution
import ProxyTraffic
import RouteModel
import RouteRegistry
import ServerSockets
import WakeOnDemand

/// What all listeners and connections of the stream proxy share.
struct StreamEnvironment: Sendable {
  let settings: StreamSettings
  let registry: RouteRegistry
  let group: any EventLoopGroup
  /// The certificate for a client that requests that name, or none.
  let certificates: @Sendable (String?) -> NIOSSLContext?
  let traffic: TrafficBook
  let refusals: RefusalLog
  let connections = OpenConnections()
  let meters = RelayMeters()
  let datagramAddresses = DatagramAddresses()
  let silent = SilentConnections()
  let relays: RelayLoops
  /// Resolves the names of upstreams.
  let names: NameResolver
  let descriptors: DescriptorBudget
  let inherited: InheritedSockets
  let connectionLimits: ConnectionLimits
  /// Nil if no guest is ever woken.
  let gates: WakeGates?
  let logger: Logger

  var configuration: StreamConfiguration { settings.current.configuration }
  var proxyProtocol: ProxyProtocolPolicy { settings.current.proxyProtocol }

  /// Nil for most routes: those whose guest neither wakes nor is stopped for want of clients.
  func gate(of route: RegisteredRoute) -> GuestGate? { gates?.gate(for: route.route) }

  /// The same by the route's present link and settings.
  func currentGate(of route: RegisteredRoute) -> GuestGate? {
    guard let gates else { return nil }
    let now = registry.getStreamRoute(route.id.alias.folded)
    return gates.gate(for: now?.id == route.id ? now?.route ?? route.route : route.route)
  }

  func begin(_ kind: RouteTraffic.Connection, of route: RegisteredRoute) { traffic.traffic(for: route).opened(kind) }

  /// Called once for each ``begin(_:of:)``, when its bytes are counted.
  func end(_ record: StreamRecord) {
    let traffic = traffic.traffic(for: record.route)
    if let refusal = record.refusal { traffic.refused(refusal.counted) }
    traffic.closed(record.kind)
    if record.refusal == nil { logger.debug("stream ended", metadata: record.metadata) }
    refusals.record(record)
  }
}
