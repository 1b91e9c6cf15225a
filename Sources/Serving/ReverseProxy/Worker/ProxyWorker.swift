import FileServing
import HTTPMessages
import NIOCore
import ProxyTraffic
import RouteModel
import RouteRegistry
import ServerSockets
import StreamProxy
import WakeOnDemand

/// What one event loop needs to serve; nothing of it is shared with another one, so nothing of it is locked.
final class ProxyWorker {
  let eventLoop: any EventLoop
  let services: ProxyServices
  let deadlines: Deadlines
  let date: ResponseDate
  let flusher: TickFlusher
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
    deadlines = Deadlines(eventLoop: eventLoop)
    date = ResponseDate(deadlines)
    flusher = TickFlusher(eventLoop: eventLoop)
    deadlines.onTick = { [unowned self] in
      updateBindings()
      countTunnels()
    }
  }

  func deadline(_ timeout: Duration) -> NIODeadline { deadlines.now + TimeAmount(timeout) }

  /// Of a response that has begun and is silent.
  var responseDeadline: NIODeadline { settings.timeouts.responseIdle.map(deadline) ?? .distantFuture }

  // MARK: Routes

  /// Lets a request carry the route of its Host, and finds the binding of that route.
  func binding(for request: inout RoutedRequest<RequestHead>) -> ProxyRouteBinding? {
    let (fields, range) = (request.head.fields, request.head.hostRange)
    let binding = fields.withBytes { bytes in
      let value = UnsafeRawBufferPointer(rebasing: bytes[range])
      let host = UnsafeRawBufferPointer(rebasing: value[HostField(value).name])
      return finder.binding(of: host.bytes) { makeBinding(of: $0) }
    }
    guard let binding else { return nil }
    request.attach(binding)
    services.registry.noteAttachment(of: binding.registered)
    return binding
  }

  private func makeBinding(of route: RegisteredRoute) -> ProxyRouteBinding {
    ProxyRouteBinding(
      route, destination: destination(of: route.route), traffic: services.traffic.traffic(for: route),
      responseTimeout: settings.timeouts.responseHeader, gate: gate(of: route.route))
  }

  /// A route that is not served wakes nothing.
  private func gate(of route: Route) -> GuestGate? {
    route.restriction == nil ? services.gates?.gate(for: route) : nil
  }

  private func destination(of route: Route) -> ProxyRouteBinding.Destination {
    if let reason = route.restriction { return .restricted(reason: reason) }
    if case .files(let root) = route.target {
      var folder = ServedFolder(root: root)
      folder.isSinglePageApp = route.declaration.isSinglePageApp
      if let index = route.declaration.index { folder.index = index }
      return .files(FileServer(folder))
    }
    guard let endpoint = UpstreamEndpoint(route, services.upstreamTLS) else { return .noTarget }
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

  /// The gate of the guest that is behind a route by now.
  func presentGate(of route: RouteID) -> GuestGate? {
    services.registry.snapshot.entry(of: route).flatMap { gate(of: $0.route) }
  }

  /// The route to which a connection that asks for that server name is relayed as it is.
  func relayedRoute(for name: String) -> RegisteredRoute? {
    passthroughRoute(for: name).flatMap { $0.route.restriction == nil ? $0 : nil }
  }

  /// The route whose TLS is passed through for that server name.
  private func passthroughRoute(for name: String) -> RegisteredRoute? {
    var name = name
    let length = name.withUTF8 { finder.aliasLength(of: UnsafeRawBufferPointer($0).bytes) }
    let alias = length.map { String(name.utf8.prefix($0)) ?? name } ?? name
    return services.streams.passthroughRoute(alias: alias, host: name)
  }

  /// Whether TLS of that host is passed through to a route that is served.
  func isPassedThrough(_ head: RequestHead) -> Bool { relayedRoute(for: head.hostName.lowercased()) != nil }

  /// Why no route was found. To a client of HTTP/2 a connection for one name is good for all of its certificate's
  /// (RFC 9113 §9.1.1): told otherwise, it asks on another one, whose TLS is then passed through.
  func failureWithoutRoute(_ head: RequestHead, isSecure: Bool) -> ProxyFailure {
    guard isSecure, let route = passthroughRoute(for: head.hostName.lowercased()) else {
      return .noRoute(host: head.host)
    }
    return route.route.restriction.map { .restricted(reason: $0) } ?? .misdirected(host: head.host)
  }

  // MARK: Tunnels

  /// Has its bytes counted while it is open.
  func watchTunnel(_ exchange: Exchange) { tunnels[ObjectIdentifier(exchange)] = exchange }

  func forgetTunnel(_ exchange: Exchange) { tunnels[ObjectIdentifier(exchange)] = nil }

  private func countTunnels() {
    guard deadlines.now - tunnelsCountedAt >= .seconds(5) else { return }
    tunnelsCountedAt = deadlines.now
    for exchange in tunnels.values { exchange.countTunnel() }
  }

  // MARK: Connections

  /// - Parameter address: the client's, where a proxy in front told it.
  func peer(of channel: any Channel, address: SocketAddress? = nil, isSecure: Bool = false) -> ClientPeer {
    ClientPeer(
      address ?? channel.remoteAddress, isSecure: isSecure, trustedProxies: settings.configuration.trustedProxies,
      proxy: settings.identity)
  }

  func add(_ client: any ServedConnection) {
    clients[ObjectIdentifier(client)] = client
    deadlines.watch(client)
    // One that was accepted while the listeners closed.
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
    // Made with what is no longer in force: the trust of upstreams, time-outs, limits.
    finder.apply(settings.hostRule)
    for pool in pools.values { pool.closeIdle() }
    pools = [:]
  }

  /// Has every connection end behind the response that it is waiting for; the rest is closed when the bound has passed.
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

  /// A client that came, or was answered, less long ago may be about to ask.
  private static let minIdleTime = TimeAmount.seconds(1)

  /// Gives descriptors back: of upstreams that serve nobody just now, and of the clients that have been at rest for longest.
  func makeRoom() {
    for pool in pools.values { pool.closeIdle() }
    let idle = clients.values.compactMap { client in
      client.idleSince.flatMap { $0 + Self.minIdleTime <= deadlines.now ? (since: $0, client: client) : nil }
    }
    let oldest = idle.sorted { $0.since < $1.since }.prefix((idle.count + 3) / 4)
    for (_, client) in oldest { client.close() }
  }

  /// Whether there is no descriptor for an upstream or a file, even after those at rest have given theirs.
  var isOutOfDescriptors: Bool {
    guard services.descriptors.isShort(for: .service) else { return false }
    makeRoom()
    return services.descriptors.isShort(for: .service)
  }

  /// Bytes that were sent to clients, and that they have not taken.
  var unreadBytes: Int { clients.values.reduce(0) { $0 + $1.unreadBytes } }

  private func closeAll() {
    for client in clients.values { client.close() }
    for pool in pools.values { pool.closeIdle() }
  }
}
