import CCurl
import PeerTrust

extension Transfer {
  /// Sets all of libcurl's options for this request explicitly where a default could do harm.
  func setOptions() throws(RefusedOption) {
    try handle.set(CURLOPT_ERRORBUFFER, pointer: errorText)
    try handle.set(CURLOPT_URL, target.url)
    try setLimits()
    try setRoute()
    try setTrust()
    try setMessage()
    try setCallbacks()
  }

  private func setLimits() throws(RefusedOption) {
    try handle.set(CURLOPT_NOSIGNAL, true)
    let elapsed = ContinuousClock.now - start
    try handle.set(CURLOPT_TIMEOUT_MS, milliseconds(request.timeout - elapsed))
    try handle.set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(request.connectTimeout - elapsed))
    try handle.set(CURLOPT_MAXAGE_CONN, max(1, Int(request.maxIdleTime.components.seconds)))
    try handle.set(CURLOPT_PROTOCOLS_STR, "http,https")
    try handle.set(CURLOPT_FOLLOWLOCATION, false)
  }

  /// libcurl stores milliseconds in a C long, treats 0 as "no limit", and adds them to other times.
  private func milliseconds(_ duration: Duration) -> Int {
    min(max(1, duration.milliseconds(rounding: .up)), Int(Int32.max))
  }

  private func setRoute() throws(RefusedOption) {
    // The empty string prevents `http_proxy` and similar variables of the environment from receiving tokens.
    try handle.set(CURLOPT_PROXY, "")
    try handle.set(CURLOPT_NOPROXY, "*")
    try handle.set(CURLOPT_UNIX_SOCKET_PATH, request.unixSocketPath)
    if let resolveList { try handle.set(CURLOPT_RESOLVE, resolveList) }
    if let connectToList { try handle.set(CURLOPT_CONNECT_TO, connectToList) }
    switch delivery {
    case .collect: break
    case .stream: try handle.set(CURLOPT_TCP_KEEPALIVE, true)
    case .connect:
      try handle.set(CURLOPT_CONNECT_ONLY, true)
      try useConnectionOnce()
    }
    if request.closesConnection { try useConnectionOnce() }
    switch request.version {
    case .http1: try handle.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    case .http2PriorKnowledge:
      try handle.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE))
      // libcurl 7.88 fails with "error in the HTTP2 framing layer" on the second request of such a connection.
      try useConnectionOnce()
    }
  }

  private func useConnectionOnce() throws(RefusedOption) {
    try handle.set(CURLOPT_FRESH_CONNECT, true)
    try handle.set(CURLOPT_FORBID_REUSE, true)
  }

  private func setTrust() throws(RefusedOption) {
    // libcurl keeps the parsed bundle of the system for a day, but a replaced one must be noticed.
    try handle.set(CURLOPT_CA_CACHE_TIMEOUT, 60)
    let comparesName = request.tlsServerName != .off
    switch request.trust {
    case .systemRoots:
      try setVerification(peer: true, host: comparesName)
      // libcurl caches a parsed bundle, but not one with a folder beside it; parsing takes tens of milliseconds.
      if CurlLibrary.hasCABundle { try handle.set(CURLOPT_CAPATH, nil as String?) }
    case .caFile:
      try setVerification(peer: true, host: comparesName)
      try setNoAuthorities()
      // libcurl parses them for each connection, and uses no connection that was made with others.
      if let authorities { try handle.set(CURLOPT_CAINFO_BLOB, bytes: authorities) }
    case .fingerprints:
      // Without verification of the peer, OpenSSL would ignore the result of the pinning callback.
      try setVerification(peer: true, host: false)
      try setNoAuthorities()
    case .insecure:
      try setVerification(peer: false, host: false)
      try setNoAuthorities()
    }
  }

  private func setVerification(peer: Bool, host: Bool) throws(RefusedOption) {
    try handle.set(CURLOPT_SSL_VERIFYPEER, peer)
    // 2 means "the certificate must be for this host"; 1 is an error or the same, depending on libcurl's version.
    try handle.set(CURLOPT_SSL_VERIFYHOST, host ? 2 : 0)
  }

  private func setNoAuthorities() throws(RefusedOption) {
    try handle.set(CURLOPT_CAINFO, nil as String?)
    try handle.set(CURLOPT_CAPATH, nil as String?)
  }

  private func setMessage() throws(RefusedOption) {
    try handle.set(CURLOPT_HTTPHEADER, headerList)
    try handle.set(CURLOPT_PATH_AS_IS, true)
    // An event stream is not compressed, because compression delays bytes.
    if case .collect = delivery { try handle.set(CURLOPT_ACCEPT_ENCODING, "") }
    switch request.method {
    case .get where request.body.isEmpty: try handle.set(CURLOPT_HTTPGET, true)
    case .head: try handle.set(CURLOPT_NOBODY, true)
    case .delete where request.body.isEmpty: try handle.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
    case .get, .post, .put, .delete:
      // A POST with another method name: the only kind of upload that libcurl always sends with `Content-Length` and
      // never in chunks.
      try handle.set(CURLOPT_POST, true)
      try handle.setBody(request.body)
      try handle.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
    }
  }

  /// The request's headers in libcurl's notation, without libcurl's own additions.
  static func headerLines(_ request: HTTPRequest, target: RequestTarget) throws(HTTPTransportError) -> [String] {
    // No waiting for `100 Continue`, and no content type that the request does not state.
    var lines = ["Expect:"]
    var names: Set<String> = []
    for (name, value) in request.headers {
      guard isToken(name), !value.utf8.contains(where: { $0 == 0 || $0 == 10 || $0 == 13 }) else {
        throw .invalidHeader(name: name)
      }
      names.insert(name.lowercased())
      // `Name;` makes libcurl send a header without a value.
      lines.append(value.isEmpty ? "\(name);" : "\(name): \(value)")
    }
    if !names.contains("content-type") { lines.append("Content-Type:") }
    if let host = target.hostHeader, !names.contains("host") { lines.append("Host: \(host)") }
    return lines
  }

  /// RFC 9110 §5.6.2.
  private static func isToken(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
      }
  }
}
