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

  init(_ name: Span<UInt8>) { self = Self.known(name) ?? .other }

  private static func known(_ name: Span<UInt8>) -> RequestMethod? {
    @inline(__always)
    func match(_ method: RequestMethod, _ text: StaticString) -> RequestMethod? {
      name.begins(with: text) ? method : nil
    }
    return switch name.count {
    case 3: match(.get, "GET") ?? match(.put, "PUT")
    case 4: match(.post, "POST") ?? match(.head, "HEAD")
    case 5: match(.patch, "PATCH") ?? match(.trace, "TRACE")
    case 6: match(.delete, "DELETE")
    case 7: match(.options, "OPTIONS") ?? match(.connect, "CONNECT")
    default: nil
    }
  }
}
