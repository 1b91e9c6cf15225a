import CCurl
import COpenSSL

/// One request on its way: an easy handle, what it has received, and who waits for it. Belongs to the transfer thread.
final class Transfer {
  let handle: EasyHandle
  let ticket: TransferTicket
  let request: HTTPRequest
  let target: RequestTarget
  let found: FoundAddresses?
  let delivery: Submission.Delivery
  let pinning: CertificatePinning?
  let verification = CertificateVerification()
  /// Alive for as long as libcurl may look at them.
  let headerList: StringList
  let connectToList: StringList?
  let resolveList: StringList?
  let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

  private var head = ResponseHead()
  private var body: [UInt8] = []
  private var peerCertificate: PeerCertificate?
  private var answer: Submission.Answer?
  /// What a callback found wrong; more exact than the code with which libcurl then ends the transfer.
  private var failure: HTTPTransportError?
  /// Why there was no socket to connect.
  var socketError: Int32?
  /// TCP stood, and TLS was about to begin.
  private(set) var isInHandshake = false
  /// The connection, TLS included, stood, and the request was about to be sent.
  private(set) var isConnected = false

  /// Takes over the submission if it succeeds; a failure is the caller's to tell.
  init(_ submission: Submission, handle: EasyHandle) throws(HTTPTransportError) {
    self.handle = handle
    (ticket, request, delivery) = (submission.ticket, submission.request, submission.delivery)
    (target, found) = (submission.target, submission.found)
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

  /// Ends the transfer as libcurl tells. The handle must be out of its multi handle.
  func finish(_ code: CURLcode) {
    guard code == CURLE_OK else { return fail(failure ?? HTTPTransportError(code, of: self)) }
    if case .connect = delivery { return succeed() }
    // libcurl is content with headers that end where the connection ends.
    guard head.isComplete else { return fail(.connectionClosed(reason: "within the headers of the answer")) }
    guard head.status >= 100 else { return fail(.malformedResponse(reason: "its status line has no status")) }
    succeed()
    if case .stream(let buffer) = delivery { buffer.finish() }
  }

  /// Ends the transfer with an error, which goes to the stream if its head has been answered.
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
    // On a reused connection libcurl tells a microsecond or so for phases that did not take place.
    if handle.integer(CURLINFO_NUM_CONNECTS) > 0 {
      timings.nameLookup = time(CURLINFO_NAMELOOKUP_TIME_T)
      timings.connect = time(CURLINFO_CONNECT_TIME_T)
      timings.tlsHandshake = time(CURLINFO_APPCONNECT_TIME_T)
    }
    timings.firstByte = time(CURLINFO_STARTTRANSFER_TIME_T)
    timings.total = time(CURLINFO_TOTAL_TIME_T)
    return timings
  }

  /// Counted from the start of the look-up, which libcurl has no part in.
  private func time(_ info: CURLINFO) -> Duration {
    let time = handle.time(info)
    return time > .zero ? time + (found?.time ?? .zero) : .zero
  }
}

// What libcurl's callbacks do; each answers whether the transfer goes on.
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
    guard head.take(headerLine) else {
      failure = .malformedResponse(reason: "its headers are longer than \(ResponseHead.maximumSize >> 10) KiB")
      return false
    }
    if head.isComplete, case .stream = delivery, answer != nil {
      succeed()
      // From here on the body takes the time that it takes.
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
