import CCurl
import COpenSSL
import Glibc
import LinuxSystem

/// The transfer thread's loop: receives messages, passes socket events and timers to libcurl, and returns answers.
///
/// Except for ``start(groupLifetime:)``, everything here runs on that thread; other threads use the inbox.
final class TransferEngine {
  /// The eventfd's owner number; groups count from 1.
  private static let inboxOwner: UInt32 = 0

  private let inbox: TransferInbox
  /// How long a group without transfers keeps its connections.
  private let groupLifetime: Duration
  private let poller: EventPoller
  private let datagrams: DatagramExchanges
  private var groups: [TransferGroup.Key: TransferGroup] = [:]
  private var groupsByNumber: [UInt32: TransferGroup] = [:]
  private var lastNumber: UInt32 = 0
  private var transfers: [ObjectIdentifier: (transfer: Transfer, group: TransferGroup)] = [:]
  private var isRunning = true

  private init(inbox: TransferInbox, groupLifetime: Duration) throws(SystemError) {
    self.inbox = inbox
    self.groupLifetime = groupLifetime
    poller = try EventPoller()
    datagrams = DatagramExchanges(poller: poller)
    poller.watch(inbox.wakeup, owner: Self.inboxOwner, reads: true, writes: false)
  }

  /// Starts a thread and returns its inbox; it runs until a `shutdown` message.
  static func start(groupLifetime: Duration) throws(SystemError) -> TransferInbox {
    guard CurlLibrary.isReady else { throw SystemError("curl_global_init", code: ENOMEM) }
    let inbox = try TransferInbox()
    let engine = try TransferEngine(inbox: inbox, groupLifetime: groupLifetime)
    try EventThread.run("http-transfers") { engine.run() }
    return inbox
  }

  private func run() {
    while isRunning {
      poller.wait(milliseconds: timeUntilNextWake()?.pollTimeout) { event in
        switch event.owner {
        case Self.inboxOwner: break
        case DatagramExchanges.owner: datagrams.socketIsReady(event.descriptor)
        default: groupsByNumber[event.owner]?.socketIsReady(event)
        }
      }
      for message in inbox.drain() { handle(message) }
      let now = ContinuousClock.now
      for group in groups.values {
        group.wakeIfDue(at: now)
        for ticket in group.finishEnded() { transfers[ObjectIdentifier(ticket)] = nil }
      }
      datagrams.endOverdue(at: now)
      dropIdleGroups(at: now)
    }
    close()
  }

  private func handle(_ message: TransferInbox.Message) {
    switch message {
    case .start(let submission): start(submission)
    case .exchange(let submission):
      guard !submission.ticket.isCancelled else { return message.refuse(.cancelled) }
      datagrams.start(submission)
    case .cancel(let ticket):
      guard let (transfer, group) = transfers.removeValue(forKey: ObjectIdentifier(ticket)) else {
        return datagrams.cancel(ticket)
      }
      group.end(transfer, with: .cancelled)
    case .resume(let ticket):
      guard let (transfer, _) = transfers[ObjectIdentifier(ticket)] else { return }
      curl_easy_pause(transfer.handle.raw, CURLPAUSE_CONT)
    case .shutdown: isRunning = false
    }
  }

  private func start(_ submission: Submission) {
    guard !submission.ticket.isCancelled else { return submission.refuse(.cancelled) }
    do throws(HTTPTransportError) {
      let key = TransferGroup.Key(trust: submission.request.trust, version: submission.request.version)
      let group = try group(for: key)
      transfers[ObjectIdentifier(submission.ticket)] = (try group.add(submission), group)
    } catch {
      submission.refuse(error)
    }
  }

  private func group(for key: TransferGroup.Key) throws(HTTPTransportError) -> TransferGroup {
    if let group = groups[key] { return group }
    lastNumber += 1
    guard let group = TransferGroup(key: key, number: lastNumber, poller: poller) else {
      throw .cannotConnect(address: "the server", reason: "no memory for another group of connections")
    }
    groups[key] = group
    groupsByNumber[lastNumber] = group
    return group
  }

  private func dropIdleGroups(at now: ContinuousClock.Instant) {
    for (number, group) in groupsByNumber {
      guard let idleSince = group.idleSince, idleSince + groupLifetime <= now else { continue }
      groups[group.key] = nil
      groupsByNumber[number] = nil
    }
  }

  private func timeUntilNextWake() -> Duration? {
    let times = groups.values.flatMap { [$0.wakeAt, $0.idleSince.map { $0 + groupLifetime }] } + [datagrams.wakeAt]
    return times.compactMap { $0 }.min().map { max(.zero, $0 - .now) }
  }

  private func close() {
    transfers = [:]
    for group in groups.values { group.endAll(with: .closed) }
    (groups, groupsByNumber) = ([:], [:])
    datagrams.endAll(with: .closed)
    inbox.closeForGood()
  }
}

/// libcurl's process-wide state.
enum CurlLibrary {
  /// Initialises libcurl and OpenSSL, once; false if that fails.
  static let isReady: Bool = {
    // Otherwise, OpenSSL frees its tables in `exit` while the transfer thread may still be using them.
    OPENSSL_init_ssl(UInt64(OPENSSL_INIT_NO_ATEXIT), nil)
    return curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK
  }()

  /// Whether libcurl was built with a file of the system's CAs (on Debian `/etc/ssl/certs/ca-certificates.crt`).
  static let hasCABundle: Bool = ccurl_ca_bundle() != nil
}
