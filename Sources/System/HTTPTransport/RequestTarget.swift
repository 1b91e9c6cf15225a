import CCurl
import NameResolution
import PeerTrust

/// A request's URL, parsed by libcurl, so that checks and use agree.
struct RequestTarget: Sendable {
  /// The URL for libcurl: as requested, but with the TLS server name as its host if there is one.
  var url: String
  var isTLS: Bool
  /// As in the URL, IPv6 in brackets.
  var host: String
  var port: String
  /// The value of `CURLOPT_CONNECT_TO` if the connection is to another place than `url`.
  var connectTo: String?
  /// The `Host` header if it differs from the one that libcurl derives from `url`.
  var hostHeader: String?
  /// A Unix socket's path, else `host:port`: the peer's name in errors.
  var address: String

  /// The name to look up; nil for an address and for a Unix socket.
  var lookupName: String?

  /// `sun_path` of unix(7) without its NUL.
  private static let maxSocketPathBytes = 107

  init(_ request: HTTPRequest) throws(HTTPTransportError) {
    guard request.url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
      throw .invalidURL("a URL with a blank or a control character in it")
    }
    if let path = request.unixSocketPath, path.utf8.count > Self.maxSocketPathBytes {
      let limit = Self.maxSocketPathBytes
      throw .cannotConnect(
        address: path, reason: "a socket's path has at most \(limit) bytes, this one has \(path.utf8.count)")
    }
    let parts = try URLParts(request.url)
    let scheme = try parts.get(CURLUPART_SCHEME)
    isTLS = scheme == "https"
    host = try parts.get(CURLUPART_HOST)
    guard host.utf8.allSatisfy({ $0 < 0x80 }) else {
      throw .invalidURL("the host '\(host)' is not ASCII: write the form of it that DNS has, xn--… (RFC 5891)")
    }
    port = try parts.get(CURLUPART_PORT)
    url = request.url
    address = request.unixSocketPath ?? "\(host):\(port)"
    if request.unixSocketPath == nil, !host.hasPrefix("["), SystemResolver.literal(host) == nil { lookupName = host }
    if isTLS, let name = Self.replacement(of: host, by: request.tlsServerName) {
      try parts.set(CURLUPART_HOST, to: name)
      url = try parts.get(CURLUPART_URL, defaultPort: false)
      connectTo = "::\(host):\(port)"
      hostHeader = port == "443" ? host : "\(host):\(port)"
    }
  }

  /// The value of `CURLOPT_RESOLVE` that provides the addresses, so that libcurl does not look the name up; the plus
  /// makes the entry expire. libcurl cannot parse addresses with a zone.
  func resolveEntry(_ addresses: [String]) -> String {
    let known = addresses.filter { !$0.contains("%") }.map { $0.contains(":") ? "[\($0)]" : $0 }
    return "+\(host):\(port):\(known.joined(separator: ","))"
  }

  /// The host for the URL that makes libcurl use the right server name; nil if it is the host itself.
  private static func replacement(of host: String, by name: TLSServerName?) -> String? {
    switch name {
    case nil: nil
    case .named(let name): name.lowercased() == host.lowercased() ? nil : name
    // libcurl sends no SNI if the URL has an address (RFC 6066 §3); this one is reserved for documentation (RFC 5737).
    case .off: "192.0.2.1"
    }
  }

  /// The URL for a TCP endpoint; `host` is a name, an IPv4 address or an IPv6 address without brackets.
  static func url(host: String, port: UInt16) throws(HTTPTransportError) -> String {
    guard !host.isEmpty, !host.utf8.contains(where: { "/?#@[]\\".utf8.contains($0) }) else {
      throw .invalidURL("'\(host)' is neither a host name nor an address")
    }
    return "http://\(host.contains(":") ? "[\(host)]" : host):\(port)/"
  }
}

/// A `CURLU *`.
private final class URLParts {
  private let raw: OpaquePointer
  private let text: String

  init(_ text: String) throws(HTTPTransportError) {
    guard let raw = curl_url() else { throw .invalidURL("no memory to parse it") }
    self.raw = raw
    // Credentials in a URL would be visible in every error and log with the URL.
    self.text = text.contains("@") ? "a URL with '@' in it" : "'\(text)'"
    let code = curl_url_set(raw, CURLUPART_URL, text, UInt32(CURLU_DISALLOW_USER | CURLU_NON_SUPPORT_SCHEME))
    guard code == CURLUE_OK else { throw .invalidURL("\(self.text): \(String(cString: curl_url_strerror(code)))") }
    let scheme = try get(CURLUPART_SCHEME)
    guard scheme == "http" || scheme == "https" else {
      throw .invalidURL("\(self.text): the scheme is '\(scheme)', wanted http or https")
    }
  }

  deinit { curl_url_cleanup(raw) }

  func get(_ part: CURLUPart, defaultPort: Bool = true) throws(HTTPTransportError) -> String {
    var value: UnsafeMutablePointer<CChar>?
    let code = curl_url_get(raw, part, &value, defaultPort ? UInt32(CURLU_DEFAULT_PORT) : 0)
    defer { curl_free(value) }
    guard code == CURLUE_OK, let value else {
      throw .invalidURL("\(text): \(String(cString: curl_url_strerror(code)))")
    }
    return String(cString: value)
  }

  func set(_ part: CURLUPart, to value: String) throws(HTTPTransportError) {
    let code = curl_url_set(raw, part, value, 0)
    guard code == CURLUE_OK else { throw .invalidURL("'\(value)': \(String(cString: curl_url_strerror(code)))") }
  }
}
