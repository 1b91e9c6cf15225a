import NIOCore
import NIOSSL

/// A fault of every connection, before any request.
package enum ConnectionFault: Sendable {
  /// The connection is reset once the client has sent something.
  case reset
  /// The connection is accepted, but never answered.
  case silence
  /// A server without TLS answers.
  case plainText
  /// The certificate is not the cluster's.
  case otherCertificate
}

/// A connection fault with everything that it needs.
struct PreparedConnectionFault: Sendable {
  let fault: ConnectionFault
  /// With the other certificate.
  let otherTLS: NIOSSLContext

  init(_ fault: ConnectionFault) throws {
    self.fault = fault
    otherTLS = try NIOSSLContext(
      configuration: SimulatorListener.tls(SelfSignedCertificate(name: "other", addresses: [], days: 0...365)))
  }

  /// Returns whether the fault ends the connection here; false if it continues with the other certificate.
  func handle(_ channel: any Channel) -> Bool {
    switch fault {
    case .otherCertificate: return false
    case .silence: return true
    case .plainText:
      let answer = ByteBuffer(string: "HTTP/1.0 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
      channel.closeFuture.eventLoop.execute {
        channel.writeAndFlush(answer).whenComplete { _ in channel.close(promise: nil) }
      }
      return true
    case .reset:
      // Unread input in a socket makes its close a reset.
      _ = channel.setOption(.autoRead, value: false)
      channel.eventLoop.scheduleTask(in: .milliseconds(20)) { channel.close(promise: nil) }
      return true
    }
  }
}
