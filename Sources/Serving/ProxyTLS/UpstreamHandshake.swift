import HTTPTransport
import LinuxSystem
import NIOCore
import NIOSSL
import NIOTLS

/// Follows the TLS handler in the pipeline during the handshake, and reports its result.
final class UpstreamHandshake: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = Any

  let result: EventLoopFuture<Void>
  private var promise: EventLoopPromise<Void>?
  /// Why the peer's certificate was refused; the TLS library only knows that it was.
  var refusal: HTTPTransportError?

  init(promise: EventLoopPromise<Void>) {
    (self.promise, result) = (promise, promise.futureResult)
  }

  /// Reports a failure, unless the handshake has already ended.
  func end(with error: HTTPTransportError) {
    promise?.fail(error)
    promise = nil
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if let event = event as? TLSUserEvent, case .handshakeCompleted = event {
      promise?.succeed()
      promise = nil
      context.fireUserInboundEventTriggered(event)
      context.pipeline.syncOperations.removeHandler(self, promise: nil)
    } else {
      context.fireUserInboundEventTriggered(event)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    end(with: refusal ?? HTTPTransportError(handshake: error))
    context.close(promise: nil)
  }
}

extension HTTPTransportError {
  static let closedInHandshake = HTTPTransportError.connectionClosed(
    reason: "the server closed it in the TLS handshake")

  /// Translates the TLS library's error for a failed handshake.
  init(handshake error: any Error) {
    switch error {
    case NIOSSLError.handshakeFailed(.sslError(let stack)) where stack.contains(.eofDuringHandshake):
      self = .closedInHandshake
    case NIOSSLError.handshakeFailed(.sslError(let stack)):
      self = .tlsFailed(reason: Self.reason(stack.first.map { "\($0)" } ?? "the handshake failed"))
    case NIOSSLError.uncleanShutdown, is ChannelError: self = .closedInHandshake
    case let error as IOError:
      self = .connectionClosed(reason: "\(SystemError.text(error.errnoCode)) in the TLS handshake")
    default: self = .tlsFailed(reason: "\(error)")
    }
  }

  /// The words in `Error: 268435703 error:100000f7:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER at FILE:LINE`.
  private static func reason(_ text: String) -> String {
    let words = text.split(separator: "OPENSSL_internal:").last?.prefix { $0 != " " } ?? ""
    switch words {
    case "WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST":
      return "the server does not speak TLS on this port; is its scheme meant to be http?"
    case "": return text
    default: return "the handshake failed: \(words.lowercased().replacing("_", with: " "))"
    }
  }
}
