import Glibc
import LinuxSystem
import NIOCore

/// A thread that relays between pairs of sockets.
///
/// Channels of an event loop could do the same, and do so for TLS (``ChannelRelay``); relaying unchanged bytes between
/// sockets takes half the CPU time.
final class RelayLoop {
  enum Message: Sendable {
    case start(SocketPair)
    /// Ends the relays that have been silent for longest.
    case makeRoom
    /// Ends all relays and the thread.
    case shutdown(CheckedContinuation<Void, Never>?)
  }

  private static let bufferSize = 64 * 1024
  /// The minimum interval between checks for silent relays, in milliseconds.
  private static let checkInterval: UInt64 = 50
  /// The silence up to which a relay counts as in use, in milliseconds.
  private static let minSilence = UInt64(SilentConnections.minSilence.nanoseconds / 1_000_000)

  private let inbox: Inbox<Message>
  private let poller: EventPoller
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferSize, alignment: 64)
  /// Indexed by the number that epoll reports; index 0 is the inbox.
  private var relays: [SocketRelay?] = [nil]
  private var freePlaces: [Int] = []
  /// Indices of ended relays, for which the current batch may still contain events.
  private var leftPlaces: [Int] = []
  private var line: [Int] = []
  private var hasMail = false
  private var isRunning = true
  private var now = RelayLoop.clock()
  /// The time of the next check for relays that are silent for too long.
  private var nextCheck = UInt64.max

  private init(_ inbox: Inbox<Message>, _ poller: EventPoller) {
    (self.inbox, self.poller) = (inbox, poller)
    poller.watch(inbox.wakeup, owner: 0, reads: true, writes: false)
  }

  deinit { buffer.deallocate() }

  /// Starts a thread and returns its inbox; the thread runs until a `shutdown` message.
  static func start() throws(SystemError) -> Inbox<Message> {
    let inbox = try Inbox<Message>()
    let loop = RelayLoop(inbox, try EventPoller())
    try EventThread.run("stream-relays") { loop.run() }
    return inbox
  }

  private func run() {
    while isRunning {
      poller.wait(milliseconds: timeout) { handle($0) }
      now = Self.clock()
      continueYielded()
      if now >= nextCheck { endSilent() }
      if hasMail { readMail() }
      freePlaces += leftPlaces
      leftPlaces.removeAll(keepingCapacity: true)
    }
  }

  private var timeout: Int32? {
    if !line.isEmpty { return 0 }
    return nextCheck == .max ? nil : Int32(clamping: nextCheck - min(now, nextCheck))
  }

  private func handle(_ event: EventPoller.Event) {
    let place = Int(event.owner)
    guard let progress = relays[place]?.handle(event, through: buffer, at: Self.clock()) else {
      hasMail = hasMail || place == 0
      return
    }
    settle(progress, place)
  }

  private func settle(_ progress: SocketRelay.Progress, _ place: Int) {
    switch progress {
    case .waiting: break
    case .over: end(place)
    case .yielded:
      guard relays[place]?.isInLine == false else { return }
      relays[place]?.isInLine = true
      line.append(place)
    }
  }

  /// Continues the relays that had more to move than one turn allows.
  private func continueYielded() {
    guard !line.isEmpty else { return }
    let inLine = line
    line.removeAll(keepingCapacity: true)
    for place in inLine {
      relays[place]?.isInLine = false
      if let progress = relays[place]?.proceed(through: buffer, at: now) { settle(progress, place) }
    }
  }

  private func endSilent() {
    nextCheck = .max
    for place in relays.indices {
      guard let deadline = relays[place]?.idleDeadline else { continue }
      if deadline <= now { end(place) } else { nextCheck = min(nextCheck, max(deadline, now + Self.checkInterval)) }
    }
  }

  private func end(_ place: Int) {
    guard let relay = relays[place] else { return }
    relays[place] = nil
    leftPlaces.append(place)
    relay.pair.end()
  }

  /// Milliseconds of a clock with the resolution of the system tick, which costs next to nothing (clock_gettime(2)).
  private static func clock() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
    return UInt64(time.tv_sec) * 1000 + UInt64(time.tv_nsec) / 1_000_000
  }
}

// Messages from other threads.
extension RelayLoop {
  private func readMail() {
    hasMail = false
    for message in inbox.drain() {
      switch message {
      case .start(let pair): start(pair)
      case .makeRoom: makeRoom()
      case .shutdown(let done): shutdown(done)
      }
    }
  }

  private func start(_ pair: SocketPair) {
    guard isRunning else { return pair.end() }
    let place = freePlaces.popLast() ?? relays.endIndex
    if place == relays.endIndex { relays.append(nil) }
    let relay = SocketRelay(pair, at: now)
    relays[place] = relay
    nextCheck = min(nextCheck, relay.idleDeadline)
    do throws(SystemError) {
      try poller.watchEdges(pair.front, owner: UInt32(place))
      try poller.watchEdges(pair.back, owner: UInt32(place))
    } catch { end(place) }
  }

  private func makeRoom() {
    let silent = relays.indices.compactMap { place in
      relays[place].flatMap { $0.silentSince + Self.minSilence <= now ? (since: $0.silentSince, place: place) : nil }
    }
    for (_, place) in silent.sorted(by: { $0.since < $1.since }).prefix((silent.count + 3) / 4) { end(place) }
  }

  private func shutdown(_ done: CheckedContinuation<Void, Never>?) {
    isRunning = false
    for place in relays.indices { end(place) }
    for message in inbox.closeForGood() {
      switch message {
      case .start(let pair): pair.end()
      case .makeRoom: break
      case .shutdown(let done): done?.resume()
      }
    }
    done?.resume()
  }
}
