import Glibc
import LinuxSystem

/// A datagram to send, and the continuation that waits for its answer.
struct DatagramSubmission: Sendable {
  typealias Answer = CheckedContinuation<Result<DatagramAnswer, HTTPTransportError>, Never>

  /// A literal address.
  var host: String
  var port: UInt16
  var payload: [UInt8]
  var timeout: Duration
  /// Selects the answer; other datagrams are ignored.
  var accepts: @Sendable ([UInt8]) -> Bool
  var ticket: TransferTicket
  var answer: Answer
}

/// The answer to a datagram.
package struct DatagramAnswer: Sendable {
  package var bytes: [UInt8]
  /// Without the look-up of the name.
  package var latency: Duration
  /// Nil for a literal address.
  package var nameLookup: Duration?
}

/// Datagrams that wait for answers, each on its own connected socket. Belongs to the transfer thread.
final class DatagramExchanges {
  private struct Exchange {
    var submission: DatagramSubmission
    var sentAt: ContinuousClock.Instant
    var wasAnswered = false
    var deadline: ContinuousClock.Instant { sentAt + submission.timeout }
    var address: String { "\(submission.host):\(submission.port)" }
  }

  /// The owner number that they all share.
  static let owner = UInt32.max
  /// More than a UDP datagram holds.
  private static let largest = 1 << 16
  /// How many datagrams of a socket are read before the other sockets and the deadlines have their turn: a peer may
  /// send them faster than they are read.
  static let maximumPerWake = 16

  private let poller: EventPoller
  private var exchanges: [Int32: Exchange] = [:]

  init(poller: EventPoller) { self.poller = poller }

  /// The earliest deadline.
  var wakeAt: ContinuousClock.Instant? { exchanges.values.map(\.deadline).min() }

  func start(_ submission: DatagramSubmission) {
    let exchange = Exchange(submission: submission, sentAt: .now)
    do throws(SystemError) {
      let socket = try Self.connectedSocket(to: submission)
      exchanges[socket] = exchange
      poller.watch(socket, owner: Self.owner, reads: true, writes: false)
      if send(socket, submission.payload, submission.payload.count, Int32(MSG_NOSIGNAL)) < 0 {
        fail(socket, SystemError("send"))
      }
    } catch {
      let reason = SystemError.text(error.code)
      let failure: HTTPTransportError =
        SystemError.isShortage(error.code)
        ? .shortage(reason: reason) : .cannotConnect(address: exchange.address, reason: reason)
      submission.answer.resume(returning: .failure(failure))
    }
  }

  /// Reads what has arrived, up to ``maximumPerWake``. If there is more, the poller reports the socket again.
  func socketIsReady(_ socket: Int32) {
    var buffer = [UInt8](repeating: 0, count: Self.largest)
    for _ in 0..<Self.maximumPerWake {
      guard let exchange = exchanges[socket] else { return }
      let count = recv(socket, &buffer, buffer.count, 0)
      if count < 0 {
        if errno != EAGAIN, errno != EINTR { fail(socket, SystemError("recv")) }
        return
      }
      let bytes = Array(buffer[..<count])
      if exchange.submission.accepts(bytes) {
        end(socket, .success(DatagramAnswer(bytes: bytes, latency: ContinuousClock.now - exchange.sentAt)))
      } else {
        exchanges[socket]?.wasAnswered = true
      }
    }
  }

  func endOverdue(at now: ContinuousClock.Instant) {
    for (socket, exchange) in exchanges where exchange.deadline <= now {
      let phase = exchange.wasAnswered ? "waiting for the expected answer" : "waiting for an answer"
      end(socket, .failure(.timedOut(phase: phase, after: exchange.submission.timeout)))
    }
  }

  func cancel(_ ticket: TransferTicket) {
    for (socket, exchange) in exchanges where exchange.submission.ticket === ticket {
      end(socket, .failure(.cancelled))
    }
  }

  func endAll(with error: HTTPTransportError) {
    for socket in exchanges.keys { end(socket, .failure(error)) }
  }

  /// An unreachable port is reported by ICMP, which a connected socket receives as an error.
  private func fail(_ socket: Int32, _ error: SystemError) {
    guard let exchange = exchanges[socket] else { return }
    let failure: HTTPTransportError =
      error.code == ECONNREFUSED
      ? .connectionRefused(address: exchange.address)
      : .cannotConnect(address: exchange.address, reason: SystemError.text(error.code))
    end(socket, .failure(failure))
  }

  private func end(_ socket: Int32, _ result: Result<DatagramAnswer, HTTPTransportError>) {
    guard let exchange = exchanges.removeValue(forKey: socket) else { return }
    poller.unwatch(socket)
    close(socket)
    exchange.submission.answer.resume(returning: result)
  }

  private static func connectedSocket(to submission: DatagramSubmission) throws(SystemError) -> Int32 {
    var hints = addrinfo()
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
    hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(submission.host, "\(submission.port)", &hints, &found) == 0, let address = found?.pointee else {
      throw SystemError("getaddrinfo", code: EINVAL)
    }
    defer { freeaddrinfo(found) }
    let kind = Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = socket(address.ai_family, kind, 0)
    guard descriptor >= 0 else { throw SystemError("socket") }
    guard connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 else {
      let error = SystemError("connect")
      close(descriptor)
      throw error
    }
    return descriptor
  }
}
