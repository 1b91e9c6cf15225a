import NIOCore
import NIOSSL

/// What goes wrong with every connection, before any request.
package enum ConnectionFault: Sendable {
  /// It is reset once the client has begun to speak.
  case reset
  /// It is accepted, and nobody speaks.
  case silence
  /// A server without TLS answers.
  case plainText
  /// Another certificate than the cluster's is shown.
  case otherCertificate
}

/// A connection fault, ready to happen.
struct PreparedConnectionFault: Sendable {
  let fault: ConnectionFault
  /// With the other certificate.
  let otherTLS: NIOSSLContext

  init(_ fault: ConnectionFault) throws {
    self.fault = fault
    otherTLS = try NIOSSLContext(
      configuration: Listener.tls(SelfSignedCertificate(name: "other", addresses: [], days: 0...365)))
  }

  /// Whether the connection is dealt with; false where it goes on, with the other certificate.
  func takeOver(_ channel: any Channel) -> Bool {
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
      // What a socket holds unread when it is closed makes the close a reset.
      _ = channel.setOption(.autoRead, value: false)
      channel.eventLoop.scheduleTask(in: .milliseconds(20)) { channel.close(promise: nil) }
      return true
    }
  }
}
