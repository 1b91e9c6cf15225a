import HTTPMessages
import NIOCore
import ProxyTraffic
import RouteModel
import RouteRegistry

/// One request and its response, on their way between a client and whoever serves the route.
///
/// Lives on the client's event loop; whoever leads bytes here may be called back before the call returns.
final class Exchange {
  private(set) var request: RoutedRequest<RequestHead>
  let peer: ClientPeer
  /// As access logs name it: `HTTP/1.1`.
  let protocolName: String
  /// The protocol that the client wants to switch to (RFC 9110 §7.8).
  let upgrade: String?
  let worker: ProxyWorker
  let startedAt: NIODeadline
  private var sentAt: NIODeadline
  private(set) var binding: ProxyRouteBinding?
  /// Nil once it is over.
  private(set) var client: (any ClientSide)?
  private var upstream: (any UpstreamSide)?
  private var retries = 0
  /// Nil for most routes: those whose guest neither wakes nor is stopped for want of clients.
  var use: GuestUse?
  /// The request was received as a whole.
  private(set) var isRequestOver: Bool
  private(set) var isTunnel = false
  private(set) var isOver = false

  // What is told of it afterwards.
  private(set) var status: UInt16 = 0
  private(set) var bytesReceived: UInt64 = 0
  private(set) var bytesSent: UInt64 = 0
  private(set) var upstreamTime: TimeAmount?
  private var tunnelMeter: TrafficMeter?

  /// - Parameter protocolName: nil for HTTP/1, whose connections alone can switch protocols.
  init(_ head: RequestHead, peer: ClientPeer, client: any ClientSide, protocolName: String? = nil, worker: ProxyWorker)
  {
    request = RoutedRequest(head)
    startedAt = .now()
    sentAt = startedAt
    isRequestOver = head.framing == .none
    upgrade = protocolName == nil ? UpgradeRequest.token(of: head) : nil
    self.protocolName = protocolName ?? (head.minorVersion == 1 ? "HTTP/1.1" : "HTTP/1.0")
    (self.peer, self.client, self.worker) = (peer, client, worker)
  }

  var head: RequestHead { request.head }

  /// Finds the route and begins to serve it.
  func start() {
    binding = worker.binding(for: &request)
    guard let binding else { return answerWithoutRoute() }
    binding.traffic.requestBegan()
    guard !worker.settings.identity.forwarded(head) else { return fail(.loop) }
    guard isAdmitted(to: binding) else { return }
    if let gate = binding.gate { return serve(on: binding, through: gate) }
    serve(on: binding)
  }

  /// Whether the route serves this client, and in this way; else it is answered.
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
    case .files(let server): FileResponder(server, self).serve()
    case .noTarget: fail(.noTarget(reason: binding.reason))
    case .restricted(let reason): fail(.restricted(reason: reason))
    }
  }

  /// The binding of the same route as it is now; nil if another one has taken its place.
  func refreshBinding() -> ProxyRouteBinding? {
    guard let found = worker.binding(for: &request), found.registered.id == binding?.registered.id else { return nil }
    binding = found
    return found
  }

  /// TLS that is passed through has no route here, and clear text is sent to it all the same.
  private func answerWithoutRoute() {
    if !peer.isSecure, worker.isPassedThrough(head), let location = worker.secureLocation(of: head, from: peer) {
      return redirect(to: location)
    }
    fail(worker.failureWithoutRoute(head, isSecure: peer.isSecure))
  }

  private func redirect(to location: String) {
    let answer = ResponseHead(status: 308, fields: [("Location", location), ("Content-Length", "0")])
    status = answer.status
    let client = client
    client?.send(answer, framing: .none)
    finish()
    client?.sendEnd(nil)
  }

  /// For the upstream to begin its response.
  var responseTimeout: Duration { binding?.responseTimeout ?? worker.settings.timeouts.responseHeader }

  // MARK: The request's body, from the client

  /// False while the client must wait with the body: until the upstream is connected, and while it is slow.
  var takesBody: Bool { upstream?.isWritable ?? false }

  func receive(_ body: ByteBuffer) {
    bytesReceived += UInt64(body.readableBytes)
    use?.noteBytes()
    upstream?.send(body)
  }

  func receiveEnd(_ trailers: HeadFields?) {
    isRequestOver = true
    upstream?.sendEnd(trailers)
  }

  func flushRequest() { upstream?.flush() }

  func clientBecameWritable() { upstream?.resume() }

  /// The client sends no more through the tunnel, and waits for what comes.
  func tunnelInputEnded() { upstream?.closeOutput() }

  /// Whether it waits for its guest, and the client with it.
  var isWaitingForGuest: Bool { use?.isWaiting(hasUpstream: upstream != nil) ?? false }

  /// Whether it waits for its turn with an upstream, or for the connection that it has got then: nothing was sent yet.
  var isQueued: Bool { upstream is QueuedExchange }

  /// The client went, or is to be given up.
  func clientDisconnected() {
    guard !isOver else { return }
    if status == 0 { status = 499 }
    let upstream = upstream
    finish()
    upstream?.cancel()
  }

  // MARK: The response, from the upstream

  /// The connection that serves it; what the client sends may come.
  func connected(to upstream: any UpstreamSide) {
    self.upstream = upstream
    if let use, !isQueued { use.endRetry(hasAnswered: true) }
    sentAt = .now()
    if !isRequestOver { client?.resume() }
  }

  /// The head of the response was sent to the client.
  var hasBegunResponse: Bool { status != 0 }

  var isClientWritable: Bool { client?.isWritable ?? false }

  func respond(_ response: ResponseHead) {
    guard !isOver, let client else { return }
    if response.isInterim { return client.sendInterim(response) }
    upstreamTime = .now() - sentAt
    if response.status == 101, upgrade == nil { return abort(.badResponse("it switched protocols unasked")) }
    status = response.status
    if response.status == 101 {
      isTunnel = true
      binding?.traffic.opened(.webSocket)
      tunnelMeter = binding.map { TrafficMeter($0.traffic) }
      worker.watchTunnel(self)
      client.send(response, framing: .none)
      client.flush()
      client.startTunnel()
    } else {
      client.send(response, framing: response.framing(for: head.method))
    }
  }

  func respond(_ body: ByteBuffer) {
    bytesSent += UInt64(body.readableBytes)
    use?.noteBytes()
    client?.send(body)
  }

  func respondEnd(_ trailers: HeadFields?) {
    guard !isOver else { return }
    let client = client
    finish()
    client?.sendEnd(trailers)
  }

  func flushResponse() { client?.flush() }

  /// The connection died before it said a word. A request that may be sent twice, and is there as a whole, is sent anew.
  ///
  /// - Parameter isUnprocessed: the upstream is known to have done nothing with it, so that any request may be sent anew
  ///   of whose body nothing was passed on (RFC 9113 §8.7).
  func upstreamLostBeforeResponse(_ failure: ProxyFailure, isUnprocessed: Bool = false) {
    upstream = nil
    let isWhole = head.framing == .none || isUnprocessed && bytesReceived == 0 && !isRequestOver
    let mayRepeat = isUnprocessed ? retries < 3 : retries < 1 && head.method.isIdempotent
    guard !isOver, isWhole, mayRepeat, case .network(let pool) = binding?.destination else { return fail(failure) }
    retries += 1
    pool.serve(self, onNewConnection: true)
  }

  /// The exchange cannot go on, though its upstream could.
  func abort(_ failure: ProxyFailure) {
    let upstream = upstream
    fail(failure)
    upstream?.cancel()
  }

  /// The upstream cannot answer, or not any further.
  func fail(_ failure: ProxyFailure) {
    guard !isOver, let client else { return }
    upstream = nil
    guard status == 0 else {
      finish()
      return client.abort()
    }
    if use != nil, triesAgain(after: failure) { return }
    answer(LocalAnswer(failure, route: binding?.route, accept: head.fields.list(of: .accept)))
  }

  /// Answers in the upstream's place.
  func answer(_ answer: LocalAnswer) {
    guard let client else { return }
    status = answer.head.status
    let framing = answer.head.framing(for: head.method)
    client.send(answer.head, framing: framing)
    if framing != .none { respond(answer.body) }
    finish()
    client.sendEnd(nil)
  }

  /// Counts the bytes of the tunnel so far.
  func countTunnel() { tunnelMeter?.count(received: bytesReceived, sent: bytesSent) }

  private func finish() {
    isOver = true
    use?.cancel()
    upstream = nil
    client = nil
    record()
  }
}
