import NIOCore
import NIOPosix
import NameResolution
import ProxyTraffic
import RouteRegistry
import ServerSockets
import WakeOnDemand

/// The exchange of one client with the upstream of a UDP route, over its own socket.
final class DatagramSession: SilentConnection {
  /// The number of datagrams kept until the socket is ready; more are lost, as UDP allows.
  private static let maxHeld = 16
  private static let maxHeldBytes = 64 * 1024

  let ends: DatagramEnds
  private(set) var lastActivity = NIODeadline.now()
  private let route: RegisteredRoute
  private let loop: any EventLoop
  private let answer: (ByteBuffer) -> Void
  private let onEnd: (DatagramSession) -> Void
  private let began = ContinuousClock.now
  private let names: NameResolver
  private var lookup: NameResolver.Request?
  /// Of the guest behind the route by now.
  var gate: GuestGate?
  private var wait: GateWait?
  private(set) var held: [ByteBuffer] = []
  private var upstream: (any Channel)?
  private var isEnded = false
  private var (fromClient, fromUpstream) = (UInt64(0), UInt64(0))
  private var refusal: StreamRefusal?
  private var meter: TrafficMeter
  private var rates: (fromClient: DatagramRate, fromUpstream: DatagramRate)

  init(
    ends: DatagramEnds, rate: Int, route: RegisteredRoute, traffic: RouteTraffic, names: NameResolver,
    gate: GuestGate?, on loop: any EventLoop,
    answer: @escaping (ByteBuffer) -> Void, onEnd: @escaping (DatagramSession) -> Void
  ) {
    meter = TrafficMeter(traffic)
    rates = (DatagramRate(rate), DatagramRate(rate))
    self.ends = ends
    self.route = route
    self.names = names
    self.gate = gate
    self.loop = loop
    self.answer = answer
    self.onEnd = onEnd
  }

  var record: StreamRecord {
    StreamRecord(
      kind: .udp, route: route, client: ends.client, bytesFromClient: fromClient, bytesFromUpstream: fromUpstream,
      duration: began.duration(to: .now), refusal: refusal)
  }

  /// Whether it has no upstream yet, because the guest is not up.
  private(set) var isWaiting = false

  /// Waits for the guest; `onUp` then connects.
  func hold(for gate: GuestGate, onUp: @escaping () -> Void) {
    let client = ends.client.ipAddress ?? "a client"
    let request = WakeRequest(guest: gate.guest, route: route.id, client: "\(client) over UDP")
    isWaiting = true
    wait = GateWait(for: gate, request, timeout: route.route.wakeTimeout, on: loop) { outcome in
      self.wait = nil
      switch outcome {
      case .isUp: onUp()
      case .failed(let status): self.refuse(.notWoken(status))
      case .timedOut: self.refuse(.notWoken("it takes longer than wake_timeout"))
      }
    }
    if wait == nil { refuse(.overloaded) }
  }

  func refuse(_ refusal: StreamRefusal) {
    self.refusal = refusal
    end()
  }

  /// Opens the socket to the upstream; completes when it is open or has failed.
  func connect(host: String, port: Int) -> EventLoopFuture<Void> {
    // However long it waited for the guest: its silence begins now.
    (isWaiting, lastActivity) = (false, .now())
    let connected = address(host, port).flatMap { [loop] address in
      DatagramBootstrap(group: loop)
        .channelOption(
          .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: DatagramListener.largest)
        )
        .connect(to: address)
    }
    connected.assumeIsolated().whenComplete { result in
      switch result {
      case .success(let channel): self.connected(channel)
      case .failure(let error):
        self.refusal = .upstream(of: self.route.route, error)
        self.end()
      }
    }
    return connected.map { _ in }
  }

  /// Sends a datagram to the upstream; it is lost if the socket's buffer is full.
  func send(_ bytes: ByteBuffer) {
    lastActivity = .now()
    guard let upstream else {
      let isRoom = held.reduce(bytes.readableBytes) { $0 + $1.readableBytes } <= Self.maxHeldBytes
      guard held.count < Self.maxHeld, isRoom || held.isEmpty else { return }
      // A copy, because its buffer has room for the largest datagram.
      return held.append(ByteBuffer(bytes: bytes.readableBytesView))
    }
    guard upstream.isWritable, rates.fromClient.admits(at: lastActivity) else { return }
    fromClient &+= UInt64(bytes.readableBytes)
    gate?.recordUse(at: lastActivity)
    upstream.writeAndFlush(bytes, promise: nil)
  }

  /// Adds the bytes so far to the route's counts.
  func count() { meter.count(received: fromClient, sent: fromUpstream) }

  func end() {
    guard !isEnded else { return }
    isEnded = true
    wait?.cancel()
    wait = nil
    lookup?.cancel()
    upstream?.close(promise: nil)
    onEnd(self)
  }

  private func connected(_ channel: any Channel) {
    guard !isEnded else { return channel.close(promise: nil) }
    // A name may resolve to the claimed source of the datagram.
    guard channel.remoteAddress != ends.client else {
      channel.close(promise: nil)
      refusal = .loop
      return end()
    }
    upstream = channel
    do {
      try channel.pipeline.syncOperations.addHandler(Answers(session: self))
    } catch {
      return end()
    }
    for bytes in held { send(bytes) }
    held = []
  }

  private func receive(_ bytes: ByteBuffer) {
    lastActivity = .now()
    guard rates.fromUpstream.admits(at: lastActivity) else { return }
    fromUpstream &+= UInt64(bytes.readableBytes)
    gate?.recordUse(at: lastActivity)
    answer(bytes)
  }

  /// The lookup is cancelled if the session ends.
  private func address(_ host: String, _ port: Int) -> EventLoopFuture<SocketAddress> {
    if let address = try? SocketAddress(ipAddress: host, port: port) { return loop.makeSucceededFuture(address) }
    let (request, addresses) = names.socketAddresses(of: host, port: port, on: loop)
    lookup = request
    return addresses.flatMapThrowing { addresses in
      guard let first = addresses.first else { throw NameFailure.doesNotExist(times: 1) }
      return first
    }
  }

  private final class Answers: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    private let session: DatagramSession
    init(session: DatagramSession) { self.session = session }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { session.receive(unwrapInboundIn(data).data) }

    /// The upstream's host reports that the port is closed: it may be open for the next datagram.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}

    func channelInactive(context: ChannelHandlerContext) { session.end() }
  }
}

/// A client and the address of this machine that it sends to, which together identify a session.
struct DatagramEnds: Hashable {
  let client: SocketAddress
  /// The address that the client expects answers from; nil if the socket has only one.
  let local: SocketAddress?

  init(_ datagram: AddressedEnvelope<ByteBuffer>) {
    client = datagram.remoteAddress
    local = datagram.metadata?.packetInfo?.destinationAddress
  }
}
