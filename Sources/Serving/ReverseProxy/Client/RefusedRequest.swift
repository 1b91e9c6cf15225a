import FoundationEssentials
import HTTPMessages
import NIOCore
import ProxyTraffic

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
