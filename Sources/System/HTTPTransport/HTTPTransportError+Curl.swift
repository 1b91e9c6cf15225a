import CCurl
import COpenSSL
import Glibc
import LinuxSystem
import PeerTrust
import PrintableText

extension HTTPTransportError {
  /// Translates libcurl's code for the caller of this transfer.
  init(_ code: CURLcode, of transfer: Transfer) {
    if let pinning = transfer.pinning, pinning.hasFailed {
      self = .fingerprintMismatch(presented: pinning.presented)
      return
    }
    // If libcurl or OpenSSL cannot open a file, such as the CA certificates, they do not report the reason.
    if code != CURLE_COULDNT_CONNECT, code != CURLE_OPERATION_TIMEDOUT, !transfer.isConnected,
      let shortage = SystemError.shortage
    {
      self = .shortage(reason: SystemError.text(shortage))
      return
    }
    let address = transfer.target.address
    let reason = transfer.reason(for: code)
    self =
      switch code {
      case CURLE_OUT_OF_MEMORY: .shortage(reason: reason)
      case CURLE_URL_MALFORMAT: .invalidURL(reason)
      case CURLE_COULDNT_RESOLVE_HOST: .nameNotResolved(host: transfer.target.host)
      case CURLE_COULDNT_CONNECT: Self.connectFailure(transfer, reason: reason)
      case CURLE_OPERATION_TIMEDOUT: Self.timeout(transfer)
      case CURLE_PEER_FAILED_VERIFICATION: .certificateNotTrusted(transfer.certificateFault(reason))
      case CURLE_SSL_CACERT_BADFILE: Self.unreadableAuthorities(transfer.request.trust)
      case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_SSL_ENGINE_INITFAILED, CURLE_USE_SSL_FAILED:
        .tlsFailed(reason: Self.handshakeFailure(reason, transfer.request))
      case CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_SEND_ERROR:
        .connectionClosed(reason: reason)
      case CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING, CURLE_HTTP2, CURLE_HTTP2_STREAM, CURLE_WRITE_ERROR:
        .malformedResponse(reason: reason)
      // HTTP/0.9: bytes that do not begin with a status line.
      case CURLE_UNSUPPORTED_PROTOCOL where transfer.isConnected:
        .malformedResponse(reason: "it does not begin with an HTTP status line")
      case CURLE_UNSUPPORTED_PROTOCOL: .invalidURL(reason)
      default:
        transfer.isConnected ? .connectionClosed(reason: reason) : .cannotConnect(address: address, reason: reason)
      }
  }

  private static func connectFailure(_ transfer: Transfer, reason: String) -> HTTPTransportError {
    let code = transfer.socketError ?? Int32(truncatingIfNeeded: transfer.handle.integer(CURLINFO_OS_ERRNO))
    if SystemError.isShortage(code) { return .shortage(reason: SystemError.text(code)) }
    if code == ECONNREFUSED { return .connectionRefused(address: transfer.target.address) }
    return .cannotConnect(address: transfer.target.address, reason: code == 0 ? reason : SystemError.text(code))
  }

  private static func timeout(_ transfer: Transfer) -> HTTPTransportError {
    let (request, handle) = (transfer.request, transfer.handle)
    guard !transfer.isConnected else {
      let hasAnswer = handle.time(CURLINFO_STARTTRANSFER_TIME_T) > .zero
      return .timedOut(phase: hasAnswer ? "reading the answer" : "waiting for an answer", after: request.timeout)
    }
    let phase = transfer.isInHandshake ? "TLS handshake" : "connecting"
    return .timedOut(phase: phase, after: min(request.timeout, request.connectTimeout))
  }

  private static func unreadableAuthorities(_ trust: TrustPolicy) -> HTTPTransportError {
    guard case .caFile(let path) = trust else {
      return .tlsFailed(reason: "the system's CA certificates cannot be read; install the package ca-certificates")
    }
    return .unreadableAuthorities(in: path)
  }

  private static func handshakeFailure(_ reason: String, _ request: HTTPRequest) -> String {
    if request.tlsSignatures == .proxy, reason.contains("handshake failure") {
      return "the server found no key, cipher or version of TLS that the proxy takes too; a key of the kind RSA-PSS is "
        + "none: give the server one of RSA, ECDSA or Ed25519"
    }
    guard reason.contains("wrong version number") || reason.contains("packet length too long") else { return reason }
    return "the server does not speak TLS on this port; is the URL meant to begin with http://?"
  }
}

extension String {
  /// On one line, safe for terminals and logs.
  var withoutControlCharacters: String {
    PrintableText.line(self).split(separator: " ").joined(separator: " ")
  }
}

extension Transfer {
  /// libcurl's error text, else the code's name. It may quote the peer, so control characters are removed.
  fileprivate func reason(for code: CURLcode) -> String {
    let text = String(cString: errorText).withoutControlCharacters
    return text.isEmpty ? String(cString: curl_easy_strerror(code)) : text
  }

  /// Why OpenSSL, or libcurl's comparison of names, did not accept the certificate.
  fileprivate func certificateFault(_ reason: String) -> CertificateFault {
    let code = Int32(truncatingIfNeeded: handle.integer(CURLINFO_SSL_VERIFYRESULT))
    if let fault = CertificateFault(verification: code, notAfter: verification.expiredAt) { return fault }
    // libcurl compares the names itself, after OpenSSL has accepted the chain.
    let isOtherName = reason.contains("subject name") || reason.contains("common name")
    guard isOtherName else { return .other(reason) }
    if case .named(let name) = request.tlsServerName { return .otherName(name) }
    return .otherName(target.host)
  }
}
