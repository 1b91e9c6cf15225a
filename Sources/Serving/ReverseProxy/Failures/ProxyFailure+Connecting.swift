import Glibc
import HTTPTransport
import NIOCore
import NIOPosix
import ServerSockets

extension ProxyFailure {
  /// The failure for an error of an attempt to connect, including its TLS handshake.
  init(connecting error: any Error) {
    switch error {
    case let error as HTTPTransportError: self.init(error)
    case let error as IOError: self.init(code: error.errnoCode)
    case ChannelError.connectTimeout: self = .unreachable(.timedOut)
    case let error as NIOConnectionError where error.isShortage: self = .overloaded
    case let error as NIOConnectionError:
      self.init(attempts: error.connectionErrors.map { ProxyFailure(connecting: $0.error) })
    default: self = .unreachable(.noNetworkPath)
    }
  }

  /// The failure of several attempts, one for each address of a name: the most informative one. Without an attempt the
  /// name has no address.
  private init(attempts: [ProxyFailure]) {
    let byPriority: [ProxyFailure] = [.unreachable(.refused), .unreachable(.timedOut), .overloaded]
    self = byPriority.first { attempts.contains($0) } ?? .unreachable(attempts.isEmpty ? .noSuchName : .noNetworkPath)
  }

  private init(code: Int32) {
    switch code {
    case ECONNREFUSED: self = .unreachable(.refused)
    case ETIMEDOUT: self = .unreachable(.timedOut)
    case EMFILE, ENFILE, EADDRNOTAVAIL, EAGAIN, ENOBUFS, ENOMEM: self = .overloaded
    default: self = .unreachable(.noNetworkPath)
    }
  }

  private init(_ error: HTTPTransportError) {
    switch error {
    case .connectionRefused: self = .unreachable(.refused)
    case .timedOut: self = .unreachable(.timedOut)
    case .shortage: self = .overloaded
    case .nameNotResolved, .nameLookupFailed: self = .unreachable(.noSuchName)
    case .fingerprintMismatch: self = .untrusted(reason: "its certificate is not the pinned one")
    case .certificateNotTrusted(let fault): self = .untrusted(reason: "its certificate is not trusted: \(fault)")
    // The reason may contain the path of a local file, so it is left out.
    case .tlsFailed: self = .untrusted(reason: "the TLS handshake with it failed")
    case .connectionClosed: self = .untrusted(reason: "it closed the connection in the TLS handshake")
    default: self = .unreachable(.noNetworkPath)
    }
  }
}
