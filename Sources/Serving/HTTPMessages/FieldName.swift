/// The fields that a proxy treats in a special way; every other one is `other`.
package enum FieldName: UInt8, Sendable {
  case other
  case host, connection, contentLength, transferEncoding, upgrade, keepAlive, proxyConnection, te, trailer, expect
  case forwarded, xForwardedFor, xForwardedProto, xForwardedHost, xForwardedPort, xForwardedServer, xRealIP
  case accept, referer, userAgent, range, ifRange, ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince
  case date
  case proxyAuthenticate, proxyAuthorization, http2Settings
  case authorization, cookie, setCookie, wwwAuthenticate
  case contentType, contentEncoding, contentRange, cacheControl, pragma, maxForwards
  /// Content-Length or Transfer-Encoding with `_`: not framing here, but perhaps for the next server.
  case doubtfulFraming
  /// The field in which pvescout names the chosen upstream.
  case chosenUpstream

  /// Whether it is for one connection only, so that no proxy passes it on (RFC 9110 §7.6.1).
  package var isHopByHop: Bool {
    switch self {
    case .connection, .transferEncoding, .upgrade, .keepAlive, .proxyConnection, .te, .http2Settings,
      .proxyAuthenticate, .proxyAuthorization, .doubtfulFraming:
      true
    default: false
    }
  }

  /// Whether proxies describe the original client in it.
  package var isForwarding: Bool {
    switch self {
    case .forwarded, .xForwardedFor, .xForwardedProto, .xForwardedHost, .xForwardedPort, .xForwardedServer, .xRealIP,
      .chosenUpstream:
      true
    default: false
    }
  }

  /// The field with that name, without case.
  ///
  /// `X_Forwarded_For` is also X-Forwarded-For: programs behind CGI and similar interfaces do not distinguish them. The
  /// same applies to all fields that a proxy may not pass on unchanged.
  init(_ name: Span<UInt8>) {
    self = Self.known(name) ?? .other
  }

  /// By length, because most lengths occur once here. A table would be an array to retain for each line.
  @inline(__always)
  private static func known(_ name: Span<UInt8>) -> FieldName? {
    func match(_ field: FieldName, _ text: StaticString) -> FieldName? { field.match(name, text) }
    return switch name.count {
    case 2: match(.te, "te")
    case 4: match(.host, "host") ?? match(.date, "date")
    case 5: match(.range, "range")
    case 6: match(.accept, "accept") ?? match(.cookie, "cookie") ?? match(.expect, "expect") ?? match(.pragma, "pragma")
    case 7: match(.referer, "referer") ?? match(.upgrade, "upgrade") ?? match(.trailer, "trailer")
    case 8: match(.ifRange, "if-range") ?? match(.ifMatch, "if-match")
    case 9: match(.forwarded, "forwarded") ?? match(.xRealIP, "x-real-ip")
    case 10:
      match(.connection, "connection") ?? match(.userAgent, "user-agent") ?? match(.keepAlive, "keep-alive")
        ?? match(.setCookie, "set-cookie")
    case 12: match(.contentType, "content-type") ?? match(.maxForwards, "max-forwards")
    case 13:
      match(.authorization, "authorization") ?? match(.ifNoneMatch, "if-none-match")
        ?? match(.cacheControl, "cache-control") ?? match(.contentRange, "content-range")
    case 14: match(.contentLength, "content-length") ?? match(.http2Settings, "http2-settings")
    case 15: match(.xForwardedFor, "x-forwarded-for")
    case 16:
      match(.proxyConnection, "proxy-connection") ?? match(.xForwardedHost, "x-forwarded-host")
        ?? match(.xForwardedPort, "x-forwarded-port") ?? match(.wwwAuthenticate, "www-authenticate")
        ?? match(.contentEncoding, "content-encoding")
    case 17:
      match(.transferEncoding, "transfer-encoding") ?? match(.xForwardedProto, "x-forwarded-proto")
        ?? match(.ifModifiedSince, "if-modified-since")
    case 18: match(.xForwardedServer, "x-forwarded-server") ?? match(.proxyAuthenticate, "proxy-authenticate")
    case 19:
      match(.proxyAuthorization, "proxy-authorization") ?? match(.ifUnmodifiedSince, "if-unmodified-since")
    case 24:
      match(.chosenUpstream, "x-pvescout-upstream-name") ?? match(.chosenUpstream, "x-pvescout-upstream-host")
        ?? match(.chosenUpstream, "x-pvescout-upstream-port")
    case 26: match(.chosenUpstream, "x-pvescout-upstream-scheme")
    default: nil
    }
  }

  /// The field if the name is this one's; nil if it is another name.
  @inline(__always)
  private func match(_ name: Span<UInt8>, _ text: StaticString) -> FieldName? {
    guard name[0].lowercased == text[0] else { return nil }
    if name.equals(lowercased: text) { return self }
    return name.equals(lowercased: text, dash: 0x5f) ? underscored : nil
  }

  /// The field if its name is written with `_`; nil if that is another field.
  private var underscored: FieldName? {
    switch self {
    case .contentLength, .transferEncoding: .doubtfulFraming
    default: isForwarding || isHopByHop || isBarredFromTrailers && !isCondition ? self : nil
    }
  }

  /// Whether it requests a part of a file or sets a condition (RFC 9110 §13, §14).
  private var isCondition: Bool {
    switch self {
    case .range, .ifRange, .ifMatch, .ifNoneMatch, .ifModifiedSince, .ifUnmodifiedSince: true
    default: false
    }
  }

  /// Whether it is for framing, routing, authentication or control, so that it must precede the body (RFC 9110 §6.5.1).
  package var isBarredFromTrailers: Bool {
    switch self {
    case .host, .contentLength, .trailer, .expect, .authorization, .cookie, .setCookie, .wwwAuthenticate,
      .contentType, .contentEncoding, .contentRange, .cacheControl, .pragma, .maxForwards:
      true
    default: isForwarding || isHopByHop || isCondition
    }
  }
}

extension Span<UInt8> {
  /// Compares with an ASCII text, byte by byte.
  @inline(__always)
  func begins(with text: StaticString) -> Bool {
    guard count >= text.utf8CodeUnitCount else { return false }
    for index in 0..<text.utf8CodeUnitCount where self[index] != text[index] { return false }
    return true
  }

  /// Compares without case with a lower-case ASCII text; `dash` is accepted in place of each `-`.
  @inline(__always)
  func equals(lowercased text: StaticString, dash: UInt8 = 0x2d) -> Bool {
    guard count == text.utf8CodeUnitCount else { return false }
    for index in 0..<count where self[index].lowercased != text[index] {
      guard text[index] == 0x2d, self[index] == dash else { return false }
    }
    return true
  }
}

extension UInt8 {
  /// The lower-case letter for an ASCII capital; other bytes are unchanged.
  @inline(__always)
  var lowercased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }
}
