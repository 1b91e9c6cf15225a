import CCurl
import LinuxSystem
import PeerTrust

/// A `CURLM *`: transfers that may share connections. Belongs to the transfer thread.
final class TransferGroup {
  /// Connections are shared if both are equal: libcurl compares neither pins nor versions when it looks for one.
  struct Key: Hashable {
    var trust: TrustPolicy
    var version: HTTPRequest.Version
  }

  /// The most idle connections that are kept: about 20 MB with 85 KB for a TLS connection.
  private static let maximumIdleConnections = 256
  private static let maximumSpareHandles = 16

  let key: Key
  private let multi: UnsafeMutableRawPointer
  private let poller: EventPoller
  private let number: UInt32
  private var transfers: [UnsafeMutableRawPointer: Transfer] = [:]
  private var spareHandles: [EasyHandle] = []
  /// When libcurl's timer is due.
  private(set) var wakeAt: ContinuousClock.Instant?
  /// Since when there is no transfer.
  private(set) var idleSince: ContinuousClock.Instant? = .now

  init?(key: Key, number: UInt32, poller: EventPoller) {
    guard let multi = curl_multi_init() else { return nil }
    (self.key, self.number, self.poller, self.multi) = (key, number, poller, multi)
    // Only the socket and the timer callback use the context, and both run during calls from here.
    let code = ccurl_multi_set_callbacks(
      multi,
      { _, socket, interest, context, _ in
        TransferGroup.from(context)?.watch(socket, for: interest)
        return 0
      },
      { _, milliseconds, context in
        TransferGroup.from(context)?.wakeAt = milliseconds < 0 ? nil : .now + .milliseconds(milliseconds)
        return 0
      }, Unmanaged.passUnretained(self).toOpaque())
    guard code == CURLM_OK else { return nil }
    _ = ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, Self.maximumIdleConnections)
  }

  /// Closes all connections; libcurl calls the socket callback for each.
  deinit {
    endAll(with: .closed)
    curl_multi_cleanup(multi)
    for handle in spareHandles { handle.cleanUp() }
  }

  func add(_ submission: Submission) throws(HTTPTransportError) -> Transfer {
    guard let handle = spareHandles.popLast() ?? EasyHandle() else { throw Self.noMemory }
    do throws(HTTPTransportError) {
      let transfer = try Transfer(submission, handle: handle)
      guard curl_multi_add_handle(multi, handle.raw) == CURLM_OK else { throw Self.noMemory }
      transfers[handle.raw] = transfer
      idleSince = nil
      return transfer
    } catch {
      recycle(handle)
      throw error
    }
  }

  func socketIsReady(_ event: EventPoller.Event) {
    var mask: Int32 = 0
    if event.isReadable { mask |= CURL_CSELECT_IN }
    if event.isWritable { mask |= CURL_CSELECT_OUT }
    if event.hasFailed { mask |= CURL_CSELECT_ERR }
    var running: Int32 = 0
    curl_multi_socket_action(multi, event.descriptor, mask, &running)
  }

  func wakeIfDue(at now: ContinuousClock.Instant) {
    guard let wakeAt, wakeAt <= now else { return }
    self.wakeAt = nil
    var running: Int32 = 0
    curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running)
  }

  /// Removes the completed transfers and reports to their callers; returns their tickets.
  func finishEnded() -> [TransferTicket] {
    var tickets: [TransferTicket] = []
    var code = CURLE_OK
    while let raw = ccurl_multi_next_ended(multi, &code) {
      guard let transfer = transfers[raw] else { continue }
      curl_multi_remove_handle(multi, raw)
      transfer.finish(code)
      forget(transfer)
      tickets.append(transfer.ticket)
    }
    return tickets
  }

  /// Ends a transfer, and its connection if the request was in progress.
  func end(_ transfer: Transfer, with error: HTTPTransportError) {
    curl_multi_remove_handle(multi, transfer.handle.raw)
    transfer.fail(error)
    forget(transfer)
  }

  func endAll(with error: HTTPTransportError) {
    for transfer in transfers.values { end(transfer, with: error) }
  }

  private func forget(_ transfer: Transfer) {
    transfers[transfer.handle.raw] = nil
    recycle(transfer.handle)
    if transfers.isEmpty { idleSince = .now }
  }

  private func recycle(_ handle: EasyHandle) {
    guard spareHandles.count < Self.maximumSpareHandles else { return handle.cleanUp() }
    handle.reset()
    spareHandles.append(handle)
  }

  private func watch(_ socket: Int32, for interest: Int32) {
    if interest == CURL_POLL_REMOVE { return poller.unwatch(socket) }
    poller.watch(
      socket, owner: number, reads: interest & CURL_POLL_IN != 0, writes: interest & CURL_POLL_OUT != 0)
  }

  private static func from(_ context: UnsafeMutableRawPointer?) -> TransferGroup? {
    context.map { Unmanaged<TransferGroup>.fromOpaque($0).takeUnretainedValue() }
  }

  private static let noMemory = HTTPTransportError.cannotConnect(
    address: "the server", reason: "no memory for another transfer")
}
