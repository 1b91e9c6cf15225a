/// The fields that a proxy looks at; every other one is `other`.
package enum FieldName: UInt8, Sendable {
  case other
  case host, connection, contentLength, transferEncoding, upgrade, keepAlive, proxyConnection, te, trailer, expect
  case forwarded, xForwardedFor, xForwardedProto, xForwardedHost, xForwardedPort, xForwardedServer, xRealIP
  case accept, referer, userAgent, range, ifRange, ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince
  case date
  case proxyAuthenticate, proxyAuthorization, http2Settings
  case authorization, cookie, setCookie, wwwAuthenticate
  case contentType, contentEncoding, contentRange, cacheControl, pragma, maxForwards
  /// Content-Length or Transfer-Encoding with `_`: no framing here, and perhaps one to whoever reads it next.
  case doubtfulFraming
  /// What pvescout itself says of the upstream that it chose.
  case chosenUpstream

  /// Fields of one connection only, which no proxy passes on (RFC 9110 §7.6.1).
  package var isHopByHop: Bool {
    switch self {
    case .connection, .transferEncoding, .upgrade, .keepAlive, .proxyConnection, .te, .http2Settings,
      .proxyAuthenticate, .proxyAuthorization, .doubtfulFraming:
      true
    default: false
    }
  }

  /// Fields by which proxies tell whom they speak for.
  package var isForwarding: Bool {
    switch self {
    case .forwarded, .xForwardedFor, .xForwardedProto, .xForwardedHost, .xForwardedPort, .xForwardedServer, .xRealIP,
      .chosenUpstream:
      true
    default: false
    }
  }

  /// The field of that name, in any case.
  ///
  /// `X_Forwarded_For` too is X-Forwarded-For: to programs behind CGI and its like they are one. So are all fields that a
  /// proxy may not pass on as they came.
  init(_ name: UnsafeRawBufferPointer) {
    self = .other
    for (candidate, text) in Self.candidates(length: name.count) {
      if name.equals(lowercased: text) {
        self = candidate
        return
      }
      if let underscored = candidate.underscored, name.equals(lowercased: text, dash: 0x5f) {
        self = underscored
        return
      }
    }
  }

  /// What the field is if its name is written with `_`; nil if it is another one then.
  private var underscored: FieldName? {
    switch self {
    case .contentLength, .transferEncoding: .doubtfulFraming
    default: isForwarding || isHopByHop || isBarredFromTrailers && !isCondition ? self : nil
    }
  }

  /// Fields that say which part of a file is wanted, and when (RFC 9110 §13, §14).
  private var isCondition: Bool {
    switch self {
    case .range, .ifRange, .ifMatch, .ifNoneMatch, .ifModifiedSince, .ifUnmodifiedSince: true
    default: false
    }
  }

  /// Frames, routes or authenticates a message, or says how it is meant, and so must stand before its body
  /// (RFC 9110 §6.5.1).
  package var isBarredFromTrailers: Bool {
    switch self {
    case .host, .contentLength, .trailer, .expect, .authorization, .cookie, .setCookie, .wwwAuthenticate,
      .contentType, .contentEncoding, .contentRange, .cacheControl, .pragma, .maxForwards:
      true
    default: isForwarding || isHopByHop || isCondition
    }
  }

  @inline(__always)
  private static func candidates(length: Int) -> [(FieldName, StaticString)] {
    length < byLength.count ? byLength[length] : []
  }

  private static let byLength: [[(FieldName, StaticString)]] = {
    let all: [(FieldName, StaticString)] = [
      (.host, "host"), (.date, "date"), (.connection, "connection"), (.contentLength, "content-length"),
      (.transferEncoding, "transfer-encoding"), (.upgrade, "upgrade"), (.keepAlive, "keep-alive"),
      (.proxyConnection, "proxy-connection"), (.te, "te"), (.trailer, "trailer"), (.expect, "expect"),
      (.forwarded, "forwarded"), (.xForwardedFor, "x-forwarded-for"), (.xForwardedProto, "x-forwarded-proto"),
      (.xForwardedHost, "x-forwarded-host"), (.xForwardedPort, "x-forwarded-port"),
      (.xForwardedServer, "x-forwarded-server"), (.xRealIP, "x-real-ip"), (.accept, "accept"),
      (.referer, "referer"), (.userAgent, "user-agent"), (.range, "range"), (.ifRange, "if-range"),
      (.ifMatch, "if-match"), (.ifNoneMatch, "if-none-match"), (.ifModifiedSince, "if-modified-since"),
      (.ifUnmodifiedSince, "if-unmodified-since"),
      (.proxyAuthenticate, "proxy-authenticate"), (.proxyAuthorization, "proxy-authorization"),
      (.http2Settings, "http2-settings"), (.chosenUpstream, "x-pvescout-upstream-name"),
      (.chosenUpstream, "x-pvescout-upstream-scheme"), (.chosenUpstream, "x-pvescout-upstream-host"),
      (.chosenUpstream, "x-pvescout-upstream-port"),
      (.authorization, "authorization"), (.cookie, "cookie"), (.setCookie, "set-cookie"),
      (.wwwAuthenticate, "www-authenticate"), (.contentType, "content-type"), (.contentEncoding, "content-encoding"),
      (.contentRange, "content-range"), (.cacheControl, "cache-control"), (.pragma, "pragma"),
      (.maxForwards, "max-forwards"),
    ]
    let longest = all.reduce(0) { max($0, $1.1.utf8CodeUnitCount) }
    return (0...longest).map { length in all.filter { $0.1.utf8CodeUnitCount == length } }
  }()
}

extension UnsafeRawBufferPointer {
  /// Compares letters in any case with a text in lower case, which must be ASCII; `dash` may stand for each `-`.
  @inline(__always)
  func equals(lowercased text: StaticString, dash: UInt8 = 0x2d) -> Bool {
    guard count == text.utf8CodeUnitCount else { return false }
    for index in 0..<count where self[index].lowercased != text.utf8Start[index] {
      guard text.utf8Start[index] == 0x2d, self[index] == dash else { return false }
    }
    return true
  }
}

extension UInt8 {
  /// The small letter of an ASCII capital; every other byte as it is.
  @inline(__always)
  var lowercased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }
}
