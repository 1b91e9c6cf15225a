import CCurl
import COpenSSL
import PeerTrust

/// One request in progress: an easy handle, the received data, and the caller's continuation. Belongs to the transfer
/// thread.
final class Transfer {
  let handle: EasyHandle
  let ticket: TransferTicket
  let request: HTTPRequest
  let target: RequestTarget
  let found: FoundAddresses?
  let authorities: [UInt8]?
  let start: ContinuousClock.Instant
  let delivery: Submission.Delivery
  let pinning: CertificatePinning?
  let verification = CertificateVerification()
  /// Retained as long as libcurl may access them.
  let headerList: StringList
  let connectToList: StringList?
  let resolveList: StringList?
  let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

  private var head = ReceivedHead()
  private var body: [UInt8] = []
  private var peerCertificate: PeerCertificate?
  private var answer: Submission.Answer?
  /// The error that a callback detected; more exact than the code with which libcurl then ends the transfer.
  private var failure: HTTPTransportError?
  /// Why no socket could be created.
  var socketError: Int32?
  /// Whether TCP was connected and TLS was about to begin.
  private(set) var isInHandshake = false
  /// Whether the connection, including TLS, was complete and the request was about to be sent.
  private(set) var isConnected = false

  /// Takes over the submission if it succeeds; otherwise, the caller reports the failure.
  init(_ submission: Submission, handle: EasyHandle) throws(HTTPTransportError) {
    self.handle = handle
    (ticket, request, delivery) = (submission.ticket, submission.request, submission.delivery)
    (target, found) = (submission.target, submission.found)
    (authorities, start) = (submission.authorities, submission.start)
    pinning = if case .fingerprints(let pins) = request.trust { CertificatePinning(pins: pins) } else { nil }
    headerList = StringList(try Self.headerLines(request, target: target))
    connectToList = target.connectTo.map { StringList([$0]) }
    resolveList = submission.found.map { StringList([submission.target.resolveEntry($0.addresses)]) }
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    if pinning != nil, !target.isTLS { throw .fingerprintMismatch(presented: nil) }
    do throws(RefusedOption) {
      try setOptions()
    } catch {
      throw .cannotConnect(address: target.address, reason: "\(error)")
    }
    answer = submission.answer
  }

  deinit { errorText.deallocate() }

  /// Ends the transfer with libcurl's result. The handle must have been removed from its multi handle.
  func finish(_ code: CURLcode) {
    guard code == CURLE_OK else { return fail(failure ?? HTTPTransportError(code, of: self)) }
    if case .connect = delivery { return succeed() }
    // libcurl accepts headers that end with the connection.
    guard head.isComplete else { return fail(.connectionClosed(reason: "within the headers of the answer")) }
    guard head.status >= 100 else { return fail(.malformedResponse(reason: "its status line has no status")) }
    succeed()
    if case .stream(let buffer) = delivery { buffer.finish() }
  }

  /// Ends the transfer with an error, which is passed to the stream if the head was already returned.
  func fail(_ error: HTTPTransportError) {
    if case .stream(let buffer) = delivery { buffer.finish(error) }
    answer?.resume(returning: .failure(error))
    answer = nil
  }

  private func succeed() {
    var response = HTTPResponse(
      status: head.status, reasonPhrase: head.reasonPhrase, headers: head.headers, body: body, timings: timings)
    response.peerCertificate = peerCertificate
    answer?.resume(returning: .success(response))
    answer = nil
    body = []
  }

  private var timings: PhaseTimings {
    var timings = PhaseTimings()
    // On a reused connection, libcurl reports about a microsecond for phases that did not take place.
    if handle.integer(CURLINFO_NUM_CONNECTS) > 0 {
      timings.nameLookup = time(CURLINFO_NAMELOOKUP_TIME_T)
      timings.connect = time(CURLINFO_CONNECT_TIME_T)
      timings.tlsHandshake = time(CURLINFO_APPCONNECT_TIME_T)
    }
    timings.firstByte = time(CURLINFO_STARTTRANSFER_TIME_T)
    timings.total = time(CURLINFO_TOTAL_TIME_T)
    return timings
  }

  /// Counted from the start of the look-up, which is done without libcurl.
  private func time(_ info: CURLINFO) -> Duration {
    let time = handle.time(info)
    return time > .zero ? time + (found?.time ?? .zero) : .zero
  }
}

// The bodies of libcurl's callbacks; each returns whether the transfer continues.
extension Transfer {
  func willHandshake(context: OpaquePointer) -> Bool {
    isInHandshake = true
    guard request.tlsSignatures.install(in: context) else { return false }
    return pinning?.install(in: context) ?? verification.install(in: context)
  }

  func willSend() -> Bool {
    isConnected = true
    if let ssl = ccurl_get_ssl(handle.raw) { peerCertificate = PeerCertificate(ssl: OpaquePointer(ssl)) }
    return pinning?.accepts(peerCertificate?.fingerprint) ?? true
  }

  func received(headerLine: UnsafeRawBufferPointer) -> Bool {
    guard head.append(headerLine) else {
      failure = .malformedResponse(reason: "its headers are longer than \(ReceivedHead.maximumSize >> 10) KiB")
      return false
    }
    if head.isComplete, case .stream = delivery, answer != nil {
      succeed()
      // From here on, the body may take any time.
      try? handle.set(CURLOPT_TIMEOUT_MS, 0)
    }
    return true
  }

  enum BodyOutcome { case taken, paused, refused }

  func received(bytes: UnsafeRawBufferPointer) -> BodyOutcome {
    if case .stream(let buffer) = delivery { return buffer.offer(bytes) ? .taken : .paused }
    guard body.count + bytes.count <= request.maximumBodySize else {
      failure = .bodyTooLarge(limit: request.maximumBodySize)
      return .refused
    }
    body.append(contentsOf: bytes)
    return .taken
  }
}
