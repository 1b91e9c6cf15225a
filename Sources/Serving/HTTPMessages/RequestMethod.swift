/// The methods that a proxy treats in a special way; every other token is `other` (RFC 9110 §9).
package enum RequestMethod: UInt8, Sendable {
  case get, head, post, put, delete, options, patch, trace, connect, other

  /// Whether sending it twice has the same effect as sending it once (RFC 9110 §9.2.2).
  package var isIdempotent: Bool {
    switch self {
    case .get, .head, .put, .delete, .options, .trace: true
    case .post, .patch, .connect, .other: false
    }
  }

  init(_ name: Span<UInt8>) {
    self = .other
    for (method, text) in Self.known where name.isEqual(to: text) { self = method }
  }

  private static let known: [(RequestMethod, StaticString)] = [
    (.get, "GET"), (.post, "POST"), (.head, "HEAD"), (.put, "PUT"), (.delete, "DELETE"), (.options, "OPTIONS"),
    (.patch, "PATCH"), (.trace, "TRACE"), (.connect, "CONNECT"),
  ]
}
