import Logging
import NIOCore
import NIOPosix
import ProxyTraffic
import RouteModel
import RouteRegistry
import ServerSockets
import WakeOnDemand

/// Relays the datagrams of a UDP route, with a session for each client address and the address that it sends to, from
/// which it is answered.
final class DatagramRelayHandler: ChannelInboundHandler {
  typealias InboundIn = AddressedEnvelope<ByteBuffer>
  typealias OutboundOut = AddressedEnvelope<ByteBuffer>

  private let spec: ListenerSpec
  private let environment: StreamEnvironment
  private var sessions: [DatagramEnds: DatagramSession] = [:]
  private var route: RegisteredRoute?
  private var gate: GuestGate?
  private var generation: UInt64?
  private var gatesGeneration: UInt64?
  private var context: ChannelHandlerContext?
  private var sweep: RepeatedTask?

  init(_ spec: ListenerSpec, _ environment: StreamEnvironment) { (self.spec, self.environment) = (spec, environment) }

  func channelActive(context: ChannelHandlerContext) {
    self.context = context
    if let address = context.localAddress { environment.datagramAddresses.add(address, of: context.channel) }
    // Four times within a session's timeout, so that it ends at most a quarter late.
    let pause = TimeAmount(environment.configuration.datagramTimeout / 4)
    let box = NIOLoopBound(self, eventLoop: context.eventLoop)
    sweep = context.eventLoop.scheduleRepeatedTask(initialDelay: pause, delay: pause) { _ in box.value.endSilent() }
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    followRoute()
    let datagram = unwrapInboundIn(data)
    session(of: DatagramEnds(datagram), context)?.send(datagram.data)
  }

  func channelInactive(context: ChannelHandlerContext) {
    sweep?.cancel()
    environment.datagramAddresses.remove(context.channel)
    endAll()
    self.context = nil
    context.fireChannelInactive()
  }

  /// As with TCP, a failed datagram (an ICMP error for one that was sent) does not end the service.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    environment.logger.debug("datagram failed", metadata: ["route.alias": "\(spec.id.alias)", "error": "\(error)"])
  }

  func refresh() {
    followRoute()
    for session in sessions.values { session.count() }
  }

  /// Looks the route up again if the registry has changed; a new target ends the sessions with the old one, and a new
  /// whitelist those of clients that it does not admit.
  func followRoute() {
    let (now, gatesNow) = (environment.registry.generation, environment.gates?.generation)
    guard generation != now || gatesGeneration != gatesNow else { return }
    (generation, gatesGeneration) = (now, gatesNow)
    let found = environment.registry.getStreamRoute(spec.id.alias.folded)
    let current = found?.id == spec.id ? found : nil
    // Those that wait for their guest have no target yet.
    if route?.route.target != current?.route.target {
      for session in sessions.values where !session.isWaiting { session.end() }
    }
    // Unlike a connection, a session would last for as long as its client sends.
    if let current, route?.route.declaration.allowedClients != current.route.declaration.allowedClients {
      for session in sessions.values where !current.route.admits(session.ends.client) {
        if session.isWaiting { session.refuse(.notAllowed) } else { session.end() }
      }
    }
    route = current
    gate = current.flatMap(environment.gate)
    for session in sessions.values { session.gate = gate }
  }

  private func session(of ends: DatagramEnds, _ context: ChannelHandlerContext) -> DatagramSession? {
    if let session = sessions[ends] {
      if session.isWaiting || !isAsleep { return session }
      session.end()
    }
    guard let route else { return nil }
    // What is not passed on neither wakes the guest nor keeps it up.
    let mayWake = route.route.admits(ends.client) && !environment.datagramAddresses.contains(ends.client)
    let sleeper =
      mayWake && route.route.wakesItsGuest ? gate.flatMap { $0.enter(at: .now()) ? nil : $0 } : nil
    if let status = sleeper?.status, status.phase == .failed { return refuse(ends.client, route, .notWoken(status)) }
    var target: (host: String, port: Int)?
    if sleeper == nil {
      target = self.target(of: route, ends.client, context)
      if target == nil { return nil }
    }
    if sessions.count >= environment.configuration.datagramSessions { endMostSilent() }
    if environment.descriptors.isShort(for: .client) {
      endMostSilent()
      guard !environment.descriptors.isShort(for: .client) else { return refuse(ends.client, route, .overloaded) }
    }
    let session = DatagramSession(
      ends: ends, rate: environment.configuration.datagramRate, route: route,
      traffic: environment.traffic.traffic(for: route), names: environment.names, gate: gate, on: context.eventLoop,
      answer: { [weak self] bytes in self?.answer(bytes, to: ends) },
      onEnd: { [weak self] session in self?.forget(session) })
    sessions[ends] = session
    environment.silent.add(session, on: context.eventLoop)
    environment.begin(.udp, of: route)
    if let target { connect(session, target) } else if let sleeper { hold(session, for: sleeper) }
    return sessions[ends]
  }

  /// Whether the guest has to be started, so that a session with it has no upstream yet.
  private var isAsleep: Bool {
    guard let gate, route?.route.wakesItsGuest == true, !gate.isOpen else { return false }
    return gate.status.phase != .up
  }

  private func connect(_ session: DatagramSession, _ target: (host: String, port: Int)) {
    environment.descriptors.promise(until: session.connect(host: target.host, port: target.port))
  }

  private func hold(_ session: DatagramSession, for gate: GuestGate) {
    session.hold(for: gate) { [weak self, weak session] in
      guard let self, let session else { return }
      followRoute()
      // The route may not admit the client any more.
      guard sessions[session.ends] === session else { return }
      // The route may lead to another guest by now.
      if let current = self.gate, current !== gate, let route, route.route.wakesItsGuest, !current.enter(at: .now()) {
        let status = current.status
        return status.phase == .failed ? session.refuse(.notWoken(status)) : hold(session, for: current)
      }
      guard let route, let context, let target = target(of: route, session.ends.client, context) else {
        return session.end()
      }
      connect(session, target)
    }
  }

  private func target(
    of route: RegisteredRoute, _ client: SocketAddress, _ context: ChannelHandlerContext
  ) -> (host: String, port: Int)? {
    let refusal: StreamRefusal
    if !route.route.admits(client) {
      refusal = .notAllowed
    } else if case .network(_, let host, let port)? = route.route.target {
      // Such datagrams would circulate forever.
      if context.localAddress?.isReached(by: host, port) == true {
        refusal = .itself(route.upstream.hostPort ?? host)
      } else if client.isReached(by: host, port) || environment.datagramAddresses.contains(client) {
        refusal = .loop
      } else {
        return (host, Int(port))
      }
    } else {
      refusal = .noTarget(of: route.route)
    }
    refuse(client, route, refusal)
    return nil
  }

  @discardableResult
  private func refuse(
    _ client: SocketAddress, _ route: RegisteredRoute, _ refusal: StreamRefusal
  ) -> DatagramSession? {
    environment.begin(.udp, of: route)
    environment.end(StreamRecord(kind: .udp, route: route, client: client, duration: .zero, refusal: refusal))
    return nil
  }

  private func answer(_ bytes: ByteBuffer, to ends: DatagramEnds) {
    guard let context, context.channel.isWritable else { return }
    if let local = ends.local {
      let isSent = try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
        ChosenSource.send(bytes, to: ends.client, from: local, by: $0)
      }
      if isSent == true { return }
    }
    context.writeAndFlush(wrapOutboundOut(AddressedEnvelope(remoteAddress: ends.client, data: bytes)), promise: nil)
  }

  /// Removes a session that ended by itself.
  private func forget(_ session: DatagramSession) {
    if sessions[session.ends] === session { sessions[session.ends] = nil }
    environment.silent.remove(session)
    session.count()
    environment.end(session.record)
  }

  private func endSilent() {
    let oldest = NIODeadline.now() - TimeAmount(environment.configuration.datagramTimeout)
    for session in sessions.values where session.lastActivity <= oldest && !session.isWaiting { session.end() }
  }

  private func endMostSilent() {
    sessions.values.min { $0.lastActivity < $1.lastActivity }?.end()
  }

  private func endAll() {
    for session in sessions.values { session.end() }
  }
}
