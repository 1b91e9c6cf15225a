import FileServing
import HTTPMessages
import NIOCore
import ProxyTraffic
import RouteModel
import RouteRegistry
import ServerSockets
import StreamProxy
import WakeOnDemand

/// The state of one event loop: routes, pools and connections. It is not shared, so that it needs no locks.
final class ProxyWorker {
  let eventLoop: any EventLoop
  let services: ProxyServices
  let deadlines: Deadlines
  let date: ResponseDate
  let flusher: TickFlusher
  let waitingBytes: WaitingBytes
  private(set) var settings: ProxySettings
  private(set) var isDraining = false
  private var pools: [UpstreamEndpoint: any UpstreamService] = [:]
  private var finder: RouteFinder
  private var clients: [ObjectIdentifier: any ServedConnection] = [:]
  private var tunnels: [ObjectIdentifier: Exchange] = [:]
  private var tunnelsCountedAt = NIODeadline.now()
  private var whenIdle: EventLoopPromise<Void>?
  private var gatesGeneration: UInt64 = 0

  init(eventLoop: any EventLoop, services: ProxyServices, settings: ProxySettings) {
    (self.eventLoop, self.services, self.settings) = (eventLoop, services, settings)
    finder = RouteFinder(registry: services.registry, matchDomains: settings.configuration.matchDomains)
    waitingBytes = WaitingBytes(max: services.maxWaitingBytes)
    deadlines = Deadlines(eventLoop: eventLoop)
    date = ResponseDate(deadlines)
    flusher = TickFlusher(eventLoop: eventLoop)
    deadlines.onTick = { [unowned self] in
      updateBindings()
      countTunnels()
    }
  }

  func deadline(_ timeout: Duration) -> NIODeadline { deadlines.now + TimeAmount(timeout) }

  /// Deadline for progress of a response that has begun.
  var responseDeadline: NIODeadline { settings.timeouts.responseIdle.map(deadline) ?? .distantFuture }

  // MARK: Routes

  /// Finds the route for the host of a request.
  func findBinding(for head: RequestHead) -> BindingReference<ProxyRouteBinding>? {
    let fields = head.fields
    let value = fields.bytes.readableBytesUInt8Span.extracting(head.hostRange)
    let host = value.extracting(HostField(value).name)
    guard let found = unsafe finder.binding(of: host.bytes, makeBinding: { makeBinding(of: $0) }) else { return nil }
    services.registry.logAttachment(of: found.binding.registered)
    return found
  }

  private func makeBinding(of route: RegisteredRoute) -> ProxyRouteBinding {
    ProxyRouteBinding(
      route, destination: destination(of: route.route), traffic: services.traffic.traffic(for: route),
      responseTimeout: settings.timeouts.responseHeader, gate: gate(of: route.route))
  }

  /// A restricted route does not wake its guest.
  private func gate(of route: Route) -> GuestGate? {
    route.restriction == nil ? services.gates?.gate(for: route) : nil
  }

  private func destination(of route: Route) -> ProxyRouteBinding.Destination {
    if let reason = route.restriction { return .restricted(reason: reason) }
    if case .files(let root) = route.target {
      var folder = ServedFolder(root: root)
      folder.isSinglePageApp = route.declaration.isSinglePageApp
      if let index = route.declaration.index { folder.index = index }
      return .files(FileServer(folder), services.folders.threads(of: root))
    }
    guard let endpoint = UpstreamEndpoint(route) else { return .noTarget }
    if let pool = pools[endpoint] { return .network(pool) }
    let pool: any UpstreamService =
      endpoint.isHTTP2 ? HTTP2UpstreamPool(endpoint, worker: self) : UpstreamPool(endpoint, worker: self)
    pools[endpoint] = pool
    return .network(pool)
  }

  private func updateBindings() {
    let hasNewGates = services.gates.map { $0.generation != gatesGeneration } ?? false
    if hasNewGates {
      gatesGeneration = services.gates?.generation ?? 0
      finder.apply(settings.hostRule)
    }
    let hasNewRoutes = finder.forgetChangedBindings()
    if hasNewRoutes { pools = pools.filter { _, pool in !pool.isEmpty } }
    guard hasNewGates || hasNewRoutes, services.gates != nil else { return }
    for client in clients.values { client.followGates() }
  }

  /// The gate of the guest that is now behind a route.
  func currentGate(of route: RouteID) -> GuestGate? {
    services.registry.snapshot.entry(of: route).flatMap { gate(of: $0.route) }
  }

  /// The route to which connections for that TLS server name are relayed; nil if it is restricted.
  func relayedRoute(for name: String) -> RegisteredRoute? {
    passthroughRoute(for: name).flatMap { $0.route.restriction == nil ? $0 : nil }
  }

  /// The passthrough route for that TLS server name.
  private func passthroughRoute(for name: String) -> RegisteredRoute? {
    let alias = finder.aliasLength(of: name.utf8.span).map { String(name.utf8.prefix($0)) ?? name } ?? name
    return services.streams.passthroughRoute(alias: alias, host: name)
  }

  /// Whether the host has a passthrough route that is not restricted.
  func isPassedThrough(_ head: RequestHead) -> Bool { relayedRoute(for: head.hostName.lowercased()) != nil }

  /// The failure if no route was found. An HTTP/2 client may use one connection for all names of its certificate
  /// (RFC 9113 §9.1.1): a 421 makes it open another connection, whose TLS is then passed through.
  func failureWithoutRoute(_ head: RequestHead, isSecure: Bool) -> ProxyFailure {
    guard isSecure, let route = passthroughRoute(for: head.hostName.lowercased()) else {
      return .noRoute(host: head.host)
    }
    return route.route.restriction.map { .restricted(reason: $0) } ?? .misdirected(host: head.host)
  }

  // MARK: Tunnels

  /// Counts the bytes of a tunnel while it is open.
  func watchTunnel(_ exchange: Exchange) { tunnels[ObjectIdentifier(exchange)] = exchange }

  func forgetTunnel(_ exchange: Exchange) { tunnels[ObjectIdentifier(exchange)] = nil }

  private func countTunnels() {
    guard deadlines.now - tunnelsCountedAt >= .seconds(5) else { return }
    tunnelsCountedAt = deadlines.now
    for exchange in tunnels.values { exchange.countTunnel() }
  }

  // MARK: Connections

  /// - Parameter address: the client's address from a PROXY header; nil for that of the channel.
  func peer(of channel: any Channel, address: SocketAddress? = nil, isSecure: Bool = false) -> ClientPeer {
    ClientPeer(
      address ?? channel.remoteAddress, isSecure: isSecure, trustedProxies: settings.configuration.trustedProxies,
      proxy: settings.identity)
  }

  func add(_ client: any ServedConnection) {
    clients[ObjectIdentifier(client)] = client
    deadlines.watch(client)
    // The connection was accepted while the listeners closed.
    guard isDraining else { return }
    let bound = NIOLoopBound(client, eventLoop: eventLoop)
    eventLoop.execute { bound.value.drain() }
  }

  func remove(_ client: any ServedConnection) {
    clients[ObjectIdentifier(client)] = nil
    deadlines.forget(client)
    if clients.isEmpty { whenIdle?.succeed() }
  }

  func apply(_ settings: ProxySettings) {
    self.settings = settings
    // Bindings and pools contain previous settings: trust, time-outs, limits.
    finder.apply(settings.hostRule)
    for pool in pools.values { pool.closeIdle() }
    pools = [:]
  }

  /// Ends every connection after its current response. Those that are left after the time limit are closed.
  func drain(within bound: Duration) -> EventLoopFuture<Void> {
    isDraining = true
    let promise = whenIdle ?? eventLoop.makePromise(of: Void.self)
    whenIdle = promise
    for client in clients.values { client.drain() }
    if clients.isEmpty { promise.succeed() }
    let bounded = NIOLoopBound(self, eventLoop: eventLoop)
    eventLoop.scheduleTask(in: TimeAmount(bound)) { bounded.value.closeAll() }
    return promise.futureResult
  }

  /// A client that was idle for less time may be about to send a request.
  private static let minIdleTime = TimeAmount.seconds(1)

  /// Frees descriptors: closes idle upstream connections, and a quarter of the idle client connections, the oldest first.
  /// A client that has not read its last response is closed only if there is no other.
  func makeRoom() {
    for pool in pools.values { pool.closeIdle() }
    let idle = clients.values.compactMap { client in
      client.idleSince.flatMap { $0 + Self.minIdleTime <= deadlines.now ? (since: $0, client: client) : nil }
    }
    let ready = idle.filter { $0.client.unreadBytes == 0 }
    let candidates = ready.isEmpty ? idle : ready
    let oldest = candidates.sorted { $0.since < $1.since }.prefix((candidates.count + 3) / 4)
    for (_, client) in oldest { client.close() }
  }

  /// Whether there is no descriptor for an upstream or a file, even after closing idle connections.
  var isOutOfDescriptors: Bool {
    guard services.descriptors.isShort(for: .service) else { return false }
    makeRoom()
    return services.descriptors.isShort(for: .service)
  }

  /// Bytes that wait for clients to read.
  var unreadBytes: Int { clients.values.reduce(0) { $0 + $1.unreadBytes } }

  private func closeAll() {
    for client in clients.values { client.close() }
    for pool in pools.values { pool.closeIdle() }
  }
}
