import LinuxSystem
import NIOCore
import NIOPosix
import ProxyTraffic
import RouteModel
import RouteRegistry
import ServerSockets
import WakeOnDemand

/// One accepted connection on its event loop, from finding its upstream to its record.
final class StreamConnection {
  private let channel: any Channel
  /// The end of the channel's pipeline, which holds received bytes until the upstream is connected.
  private let front: RelayHandler
  private let environment: StreamEnvironment
  /// Whether bytes pass unchanged, so that the sockets suffice.
  private let relaysSockets: Bool
  private let accepted = ContinuousClock.now
  private var gate: GuestGate?
  private var wait: GateWait?
  /// Once the service did not answer although the guest is up.
  private var retry: ServiceRetry?
  private var hasReportedUnreachable = false

  init(_ channel: any Channel, front: RelayHandler, relaysSockets: Bool, environment: StreamEnvironment) {
    (self.channel, self.front, self.relaysSockets, self.environment) = (channel, front, relaysSockets, environment)
  }

  /// Relays the connection to the current target of the route.
  /// - Parameter header: the header from a trusted proxy in front of this one.
  func serve(_ route: RegisteredRoute, header: ProxyHeader?) {
    let endpoints = header?.endpoints ?? ownEndpoints
    environment.begin(.tcp, of: route)
    guard route.route.admits(endpoints?.source) else { return refuse(route, endpoints, .notAllowed) }
    serve(route, endpoints, through: environment.gate(of: route))
  }

  /// Connects if the guest is up; else waits for it.
  private func serve(_ route: RegisteredRoute, _ endpoints: ProxyHeader.Endpoints?, through gate: GuestGate?) {
    self.gate = gate
    if let gate, !gate.enter(at: .now()), route.route.wakesItsGuest {
      let status = gate.status
      if status.phase == .failed { return refuse(route, endpoints, .notWoken(status)) }
      return hold(route, endpoints, for: gate, isUnreachable: false)
    }
    connect(route, endpoints)
  }

  /// Leaves the client's bytes with it until the guest is up; the route may then have another target.
  private func hold(
    _ route: RegisteredRoute, _ endpoints: ProxyHeader.Endpoints?, for gate: GuestGate, isUnreachable: Bool
  ) {
    let client = endpoints?.source.ipAddress ?? "a client"
    let request = WakeRequest(
      guest: gate.guest, route: route.id, client: "\(client) over TCP", isUnreachable: isUnreachable)
    wait = GateWait(for: gate, request, timeout: route.route.wakeTimeout, on: channel.eventLoop) { outcome in
      self.wait = nil
      switch outcome {
      case .isUp: self.connectAgain(route, endpoints)
      case .failed(let status): self.refuse(route, endpoints, .notWoken(status))
      case .timedOut: self.refuse(route, endpoints, .notWoken("it takes longer than wake_timeout"))
      }
    }
    guard wait != nil else { return refuse(route, endpoints, .overloaded) }
    channel.closeFuture.assumeIsolated().whenComplete { _ in
      guard let wait = self.wait else { return }
      self.wait = nil
      wait.cancel()
      self.refuse(route, endpoints, .notWoken("the client did not wait for it"))
    }
  }

  private func connectAgain(_ route: RegisteredRoute, _ endpoints: ProxyHeader.Endpoints?) {
    let now = environment.registry.getStreamRoute(route.id.alias.folded)
    guard channel.isActive, let now, now.id == route.id else {
      return refuse(route, endpoints, .notWoken("the client or the route is gone"))
    }
    guard now.route.restriction == nil, now.route.admits(endpoints?.source) else {
      return refuse(now, endpoints, .notAllowed)
    }
    // The route may lead to another guest by now.
    if let current = environment.gate(of: now), current !== gate {
      retry?.end(hasAnswered: false)
      (retry, hasReportedUnreachable) = (nil, false)
      return serve(now, endpoints, through: current)
    }
    connect(now, endpoints)
  }

  /// Tries a failed connection again while the guest comes up, or once PVE has reported whether it runs. Returns false
  /// if there is no further attempt.
  private func tryAgain(
    _ route: RegisteredRoute, _ endpoints: ProxyHeader.Endpoints?, after refusal: StreamRefusal
  ) -> Bool {
    guard let gate, route.route.wakesItsGuest else { return false }
    switch gate.nextAttempt(
      at: .now(), timeout: route.route.wakeTimeout, hasReportedUnreachable: hasReportedUnreachable)
    {
    case .none: return false
    case .again(let pause, let end):
      return retry(for: route, of: gate, endpoints).wait(pause, until: end) { mayTry in
        if mayTry { return self.connectAgain(route, endpoints) }
        if !self.tryAgain(route, endpoints, after: refusal) { self.refuse(route, endpoints, refusal) }
      }
    case .whenChecked:
      hasReportedUnreachable = true
      retry?.end(hasAnswered: false)
      hold(route, endpoints, for: gate, isUnreachable: true)
      return true
    }
  }

  private func retry(
    for route: RegisteredRoute, of gate: GuestGate, _ endpoints: ProxyHeader.Endpoints?
  ) -> ServiceRetry {
    if let retry { return retry }
    let retry = ServiceRetry(for: route.id, of: gate, on: channel.eventLoop)
    self.retry = retry
    channel.closeFuture.assumeIsolated().whenComplete { _ in
      guard retry.isWaiting else { return }
      self.refuse(route, endpoints, .notWoken("the client did not wait for it"))
    }
    return retry
  }

  private func connect(_ route: RegisteredRoute, _ endpoints: ProxyHeader.Endpoints?) {
    guard case .network(_, let host, let port)? = route.route.target else {
      return refuse(route, endpoints, .noTarget(of: route.route))
    }
    // Such a connection would open another one, until no descriptor is left.
    if channel.localAddress?.isReached(by: host, port) == true {
      return refuse(route, endpoints, .itself(route.upstream.hostPort ?? host))
    }
    guard !environment.descriptors.isShort(for: .service) else { return refuse(route, endpoints, .overloaded) }
    guard let limit = route.route.declaration.connectionLimit else {
      return open(host, port, route, endpoints)
    }
    let address = endpoints?.source.ipAddress.flatMap { IPAddress($0) }
    let client = address.map { "\($0.assigned)" } ?? "unknown"
    awaitPermit(.init(host: host, port: port), limit: limit, client: client) { permit in
      guard let permit else { return self.refuse(route, endpoints, .noTurn(limit: limit)) }
      self.open(host, port, route, endpoints, by: permit)
    }
  }

  /// Waits until the upstream may have another connection, for as long as it may take to connect.
  ///
  /// - Parameter serve: called once, without a permit if there is none in time, the client has gone, or too many wait
  ///   already.
  private func awaitPermit(
    _ place: ConnectionLimits.Place, limit: Int, client: String, _ serve: @escaping (ConnectionPermit?) -> Void
  ) {
    let turn = channel.eventLoop.makePromise(of: Void.self)
    let request = environment.connectionLimits.request(place, limit: limit, client: client, on: channel.eventLoop) {
      turn.succeed()
    }
    guard let (permit, isGranted) = request else {
      turn.succeed()
      return serve(nil)
    }
    if isGranted { turn.succeed() }
    let giveUp = { @Sendable in if permit.withdraw() { turn.fail(ChannelError.connectTimeout(.zero)) } }
    let timer = channel.eventLoop.scheduleTask(in: TimeAmount(environment.configuration.connectTimeout), giveUp)
    channel.closeFuture.whenComplete { _ in giveUp() }
    turn.futureResult.assumeIsolated().whenComplete { result in
      timer.cancel()
      if case .success = result { serve(permit) } else { serve(nil) }
    }
  }

  /// - Parameter permit: released when the upstream's connection is closed, or was not made.
  private func open(
    _ host: String, _ port: UInt16, _ route: RegisteredRoute, _ endpoints: ProxyHeader.Endpoints?,
    by permit: ConnectionPermit? = nil
  ) {
    connect(host, Int(port)).assumeIsolated().whenComplete { result in
      switch result {
      case .success(let upstream): self.join(upstream, route, endpoints, by: permit)
      case .failure(let error):
        permit?.release()
        let refusal = StreamRefusal.upstream(of: route.route, error)
        if refusal != .overloaded, self.tryAgain(route, endpoints, after: refusal) { return }
        self.refuse(route, endpoints, refusal)
      }
    }
  }

  private func connect(_ host: String, _ port: Int) -> EventLoopFuture<any Channel> {
    let bootstrap = ClientBootstrap(group: channel.eventLoop)
      .connectTimeout(TimeAmount(environment.configuration.connectTimeout))
      .channelOption(.allowRemoteHalfClosure, value: true)
      .channelOption(.socketOption(.so_keepalive), value: 1)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .receiveBuffer()
      .channelInitializer { upstream in
        upstream.eventLoop.makeCompletedFuture { try upstream.pipeline.syncOperations.addHandler(RelayHandler()) }
      }
    if let address = try? SocketAddress(ipAddress: host, port: port) { return bootstrap.connect(to: address) }
    return bootstrap.resolver(UpstreamResolver(environment.names, on: channel.eventLoop)).connect(
      host: host, port: port)
  }

  private func join(
    _ upstream: any Channel, _ route: RegisteredRoute, _ endpoints: ProxyHeader.Endpoints?, by permit: ConnectionPermit?
  ) {
    retry?.end(hasAnswered: true)
    guard let back = try? upstream.pipeline.syncOperations.handler(type: RelayHandler.self) else {
      permit?.release()
      upstream.close(promise: nil)
      return refuse(
        route, endpoints, .upstreamUnreachable("it closed the connection at once", counted: .upstreamUnreachable))
    }
    var header = ByteBuffer()
    if let version = route.route.declaration.relayedProxyHeader {
      ProxyHeader(endpoints).write(to: &header, version: version)
    }
    let (environment, accepted, received) = (environment, accepted, (front: front.received, back: back.received))
    let meter = RelayMeter(received, environment.traffic.traffic(for: route)) { [environment] in
      environment.currentGate(of: route)
    }
    environment.meters.add(meter)
    relay(upstream, back, header: header) {
      permit?.release()
      environment.meters.remove(meter)
      environment.end(
        StreamRecord(
          kind: .tcp, route: route, client: endpoints?.source, bytesFromClient: received.front.total,
          bytesFromUpstream: received.back.total, duration: accepted.duration(to: .now)))
    }
  }

  private func relay(
    _ upstream: any Channel, _ back: RelayHandler, header: ByteBuffer, onEnd: @escaping @Sendable () -> Void
  ) {
    let idle = environment.configuration.idleTimeout
    if relaysSockets, relaySockets(upstream, back, header: header, idle: idle, onEnd: onEnd) { return }
    if header.readableBytes > 0 { upstream.writeAndFlush(header, promise: nil) }
    ChannelRelay.join(
      front, back, on: channel.eventLoop, idle: TimeAmount(idle), silent: environment.silent, onEnd: onEnd)
  }

  /// Returns false, without any effect, if no thread or descriptor is available.
  private func relaySockets(
    _ upstream: any Channel, _ back: RelayHandler, header: ByteBuffer, idle: Duration,
    onEnd: @escaping @Sendable () -> Void
  ) -> Bool {
    guard let loop = environment.relays.next() else { return false }
    let connections = environment.connections
    // Before the channel closes: the count must not reach zero in between.
    connections.relayBegan()
    let sockets = SocketPair(front: (channel, front), back: (upstream, back), header: header, idle: idle) {
      onEnd()
      connections.relayEnded()
    }
    guard let sockets else {
      connections.relayEnded()
      return false
    }
    if !loop.post(.start(sockets)) { sockets.end() }
    return true
  }

  private func refuse(_ route: RegisteredRoute, _ endpoints: ProxyHeader.Endpoints?, _ refusal: StreamRefusal) {
    retry?.end(hasAnswered: false)
    // First, so that it is counted by the time the end of the connection is visible.
    environment.end(
      StreamRecord(
        kind: .tcp, route: route, client: endpoints?.source, duration: accepted.duration(to: .now), refusal: refusal))
    channel.close(promise: nil)
  }

  private var ownEndpoints: ProxyHeader.Endpoints? {
    guard let source = channel.remoteAddress, let destination = channel.localAddress else { return nil }
    return ProxyHeader.Endpoints(source: source, destination: destination)
  }
}
