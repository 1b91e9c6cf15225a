import FoundationEssentials
import HTTPMessages
import NIOCore
import ProxyTraffic
import RouteModel
import RouteRegistry

extension Exchange {
  /// Counts and logs the exchange. Called once, at its end.
  func record() {
    let duration = NIODeadline.now() - startedAt
    if isTunnel { endTunnel() }
    binding?.traffic.requestEnded(
      status: Int(status), received: isTunnel ? 0 : Int(bytesReceived), sent: isTunnel ? 0 : Int(bytesSent),
      microseconds: duration.nanoseconds / 1000)
    if worker.services.accessLog.isOn { worker.services.accessLog.log(accessRecord(duration)) }
  }

  /// Counts the rest of a tunnel, whose bytes are counted while it is open.
  private func endTunnel() {
    countTunnel()
    worker.forgetTunnel(self)
    binding?.traffic.closed(.webSocket)
  }

  private func accessRecord(_ duration: TimeAmount) -> AccessRecord {
    let fields = head.fields
    let end = Int64(Date().timeIntervalSince1970 * 1_000_000)
    var record = AccessRecord(
      time: end - duration.nanoseconds / 1000, client: worker.settings.client(of: fields, from: peer),
      method: head.methodName, target: head.target, version: protocolName, status: Int(status))
    record.host = head.host
    record.referer = fields.value(of: .referer)
    record.userAgent = fields.value(of: .userAgent)
    record.received = Int(bytesReceived)
    record.sent = Int(bytesSent)
    let upstream = request.upstream
    record.route = upstream?.name
    record.provider = request.route.map { "\($0.route.provider)" }
    record.upstream = upstream?.url
    record.upstreamScheme = upstream?.scheme
    record.upstreamHost = upstream?.host
    record.upstreamPort = upstream?.port
    record.upstreamHostPort = upstream?.hostPort
    record.upstreamAddress = upstream?.address
    record.guest = binding?.guest
    record.duration = duration.nanoseconds / 1000
    record.upstreamDuration = upstreamTime.map { $0.nanoseconds / 1000 }
    return record
  }
}

extension ProxyWorker {
  /// Logs a request that was refused before its exchange began. Parts that were not read are logged as unknown.
  func logRefusal(
    _ answer: LocalAnswer, to peer: ClientPeer, method: String? = nil, target: String? = nil, version: String? = nil
  ) {
    guard services.accessLog.isOn else { return }
    var record = AccessRecord(
      time: Int64(Date().timeIntervalSince1970 * 1_000_000), client: peer.address,
      method: method ?? AccessRecord.unknown, target: target ?? AccessRecord.unknown,
      version: version ?? AccessRecord.unknown, status: Int(answer.head.status))
    record.sent = answer.body.readableBytes
    services.accessLog.log(record)
  }
}
