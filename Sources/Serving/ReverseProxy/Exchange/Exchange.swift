import HTTPMessages
import NIOCore
import ProxyTraffic
import RouteModel
import RouteRegistry

/// One request and its response, between a client and the upstream or file server of the route.
///
/// Lives on the client's event loop. A method may call back into its caller before it returns.
final class Exchange {
  private(set) var request: RoutedRequest<RequestHead, ProxyRouteBinding>
  let peer: ClientPeer
  /// The name for access logs: `HTTP/1.1`.
  let protocolName: String
  /// The protocol that the client wants to switch to (RFC 9110 §7.8).
  let upgrade: String?
  let worker: ProxyWorker
  let startedAt: NIODeadline
  /// For the access log; nil if that is off.
  private var sentAt: NIODeadline?
  /// Nil once the exchange has ended.
  private(set) var client: (any ClientSide)?
  private var upstream: (any UpstreamSide)?
  private var machine: StateMachine
  /// Nil for routes without wake-on-demand and idle stop.
  var use: GuestUse?

  // For traffic counters and the access log.
  private(set) var bytesReceived: UInt64 = 0
  private(set) var bytesSent: UInt64 = 0
  private(set) var upstreamTime: TimeAmount?
  private var tunnelMeter: TrafficMeter?

  /// - Parameter protocolName: nil for HTTP/1, which is the only version that can switch protocols.
  init(_ head: RequestHead, peer: ClientPeer, client: any ClientSide, protocolName: String? = nil, worker: ProxyWorker)
  {
    request = RoutedRequest(head)
    startedAt = .now()
    machine = StateMachine(hasBody: head.framing != .none)
    upgrade = protocolName == nil ? UpgradeRequest.token(of: head) : nil
    self.protocolName = protocolName ?? (head.minorVersion == 1 ? "HTTP/1.1" : "HTTP/1.0")
    (self.peer, self.client, self.worker) = (peer, client, worker)
  }

  deinit { assert(request.binding == nil || worker.eventLoop.inEventLoop, "another thread counts references") }

  var head: RequestHead { request.head }
  /// Nil without a route, and after the end of the exchange.
  var binding: ProxyRouteBinding? { request.binding }
  /// The request was received completely.
  var isRequestOver: Bool { machine.request.isOver }
  var isTunnel: Bool { machine.isTunnel }
  var isOver: Bool { machine.isOver }
  /// Zero until the response has begun.
  var status: UInt16 { machine.status }

  /// Finds the route and starts to serve the request.
  func start() {
    guard let found = worker.findBinding(for: head) else { return answerWithoutRoute() }
    let binding = found.binding
    request.attach(found)
    binding.traffic.requestBegan()
    guard !worker.settings.identity.forwarded(head) else { return fail(.loop) }
    guard isAdmitted(to: binding) else { return }
    if let gate = binding.gate { return serve(on: binding, through: gate) }
    serve(on: binding)
  }

  /// The client, for limits by client: an IPv4 address, or an IPv6 network.
  var clientNetwork: String {
    let address = worker.settings.client(of: head.fields, from: peer)
    return IPAddress(address).map { "\($0.assigned)" } ?? address
  }

  /// Whether the route serves this client over this scheme; if not, the request is answered here.
  func isAdmitted(to binding: ProxyRouteBinding) -> Bool {
    if let allowed = binding.allowedClients, !allowed.admits(worker.settings.client(of: head.fields, from: peer)) {
      fail(.notAllowed(allowed))
      return false
    }
    guard let location = worker.secureLocation(of: head, from: peer) else { return true }
    redirect(to: location)
    return false
  }

  func serve(on binding: ProxyRouteBinding) {
    switch binding.destination {
    case .network(let pool): pool.serve(self, onNewConnection: false)
    case .files(let server, let threads): FileResponder(server, on: threads, self).serve()
    case .noTarget: fail(.noTarget(reason: binding.reason))
    case .restricted(let reason): fail(.restricted(reason: reason))
    }
  }

  /// Looks up the current binding of the same route; nil if the host has another route now.
  func refreshBinding() -> ProxyRouteBinding? {
    guard let found = worker.findBinding(for: head) else { return nil }
    let new = found.binding
    guard new.registered.id == request.route?.id else { return nil }
    request.attach(found)
    return new
  }

  /// A host with TLS passthrough has no HTTP route, but its requests in clear text are redirected too.
  private func answerWithoutRoute() {
    if !peer.isSecure, worker.isPassedThrough(head), let location = worker.secureLocation(of: head, from: peer) {
      return redirect(to: location)
    }
    fail(worker.failureWithoutRoute(head, isSecure: peer.isSecure))
  }

  private func redirect(to location: String) {
    let answer = ResponseHead(status: 308, fields: [("Location", location), ("Content-Length", "0")])
    machine.answer(status: answer.status)
    let client = client
    client?.send(answer, framing: .none)
    finish()
    client?.sendEnd(nil)
  }

  /// Time limit for the upstream to begin its response.
  var responseTimeout: Duration { binding?.responseTimeout ?? worker.settings.timeouts.responseHeader }

  // MARK: The request's body, from the client

  /// False until the upstream is connected, and while it is slow to read the body.
  var acceptsBody: Bool { upstream?.isWritable ?? false }

  func receive(_ body: ByteBuffer) {
    machine.bodyReceived()
    bytesReceived += UInt64(body.readableBytes)
    use?.recordBytes()
    upstream?.send(body)
  }

  func receiveEnd(_ trailers: HeadFields?) {
    machine.requestEnded()
    upstream?.sendEnd(trailers)
  }

  func flushRequest() { upstream?.flush() }

  func clientBecameWritable() { upstream?.resume() }

  /// The client has closed its sending side of the tunnel and may still read.
  func tunnelInputEnded() { upstream?.closeOutput() }

  /// Whether the client waits for the guest to start.
  var isWaitingForGuest: Bool { use?.isWaiting(hasUpstream: upstream != nil) ?? false }

  /// Whether the exchange waits for a permit for an upstream connection, or for that connection. Nothing was sent yet.
  var isQueued: Bool { upstream is QueuedExchange }

  var isHeld: Bool { isQueued || isWaitingForGuest }

  /// The client has disconnected or its connection is aborted.
  func clientDisconnected() {
    guard machine.clientDisconnected() == .cancelUpstream else { return }
    let upstream = upstream
    finish()
    upstream?.cancel()
  }

  // MARK: The response, from the upstream

  /// Sets the upstream side of the exchange, and accepts the body from the client.
  func connected(to upstream: any UpstreamSide) {
    self.upstream = upstream
    if let use, !isQueued { use.endRetry(hasAnswered: true) }
    if worker.services.accessLog.isOn { sentAt = .now() }
    if !isRequestOver { client?.resume() }
  }

  /// The head of the final response was sent to the client.
  var hasBegunResponse: Bool { machine.status != 0 }

  var isClientWritable: Bool { client?.isWritable ?? false }

  func respond(_ response: ResponseHead) {
    guard let client else { return }
    let action = machine.receive(
      status: response.status, isInterim: response.isInterim, asksToSwitch: upgrade != nil)
    if let sentAt, !response.isInterim { upstreamTime = .now() - sentAt }
    switch action {
    case .ignore: break
    case .sendInterim: client.sendInterim(response)
    case .sendHead: client.send(response, framing: response.framing(for: head.method))
    case .startTunnel: startTunnel(client, response)
    case .refuseSwitch: abort(.badResponse("it switched protocols unasked"))
    }
  }

  private func startTunnel(_ client: any ClientSide, _ response: ResponseHead) {
    binding?.traffic.opened(.webSocket)
    tunnelMeter = binding.map { TrafficMeter($0.traffic) }
    worker.watchTunnel(self)
    client.send(response, framing: .none)
    client.flush()
    client.startTunnel()
  }

  func respond(_ body: ByteBuffer) {
    bytesSent += UInt64(body.readableBytes)
    use?.recordBytes()
    client?.send(body)
  }

  func respondEnd(_ trailers: HeadFields?) {
    guard !isOver else { return }
    let client = client
    finish()
    client?.sendEnd(trailers)
  }

  func flushResponse() { client?.flush() }

  /// Called when the connection or stream to the upstream is lost. Sends the request again if that is safe.
  func upstreamLost(_ loss: UpstreamLoss) {
    upstream = nil
    guard case .network(let pool) = binding?.destination, machine.upstreamLost(loss, method: head.method) == .retry
    else { return fail(.connectionLost) }
    pool.serve(self, onNewConnection: true)
  }

  /// Fails the exchange and cancels its upstream side.
  func abort(_ failure: ProxyFailure) {
    let upstream = upstream
    fail(failure)
    upstream?.cancel()
  }

  /// Ends the exchange with a failure response, or aborts a response that has begun.
  func fail(_ failure: ProxyFailure) {
    guard let client else { return }
    switch machine.failureAction {
    case .ignore: break
    case .abort:
      finish()
      client.abort()
    case .answer:
      upstream = nil
      if use != nil, tryAgain(after: failure) { return }
      answer(LocalAnswer(failure, route: binding?.route, accept: head.fields.list(of: .accept)))
    }
  }

  /// Sends a local answer instead of a response of the upstream.
  func answer(_ answer: LocalAnswer) {
    guard let client else { return }
    machine.answer(status: answer.head.status)
    let framing = answer.head.framing(for: head.method)
    client.send(answer.head, framing: framing)
    if framing != .none { respond(answer.body) }
    finish()
    client.sendEnd(nil)
  }

  /// Counts the bytes of the tunnel so far.
  func countTunnel() { tunnelMeter?.count(received: bytesReceived, sent: bytesSent) }

  private func finish() {
    machine.finish()
    use?.cancel()
    upstream = nil
    client = nil
    record()
    // Here and not when the exchange is released, which another thread might do.
    request.detach()
  }
}
