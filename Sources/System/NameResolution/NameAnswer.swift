/// The numeric addresses of a host name, the preferred one first, or why there are none.
package typealias NameAnswer = Result<[String], NameFailure>

/// Why a host name has no address.
package enum NameFailure: Error, Hashable, Sendable {
  /// The resolver says, this many times in a row, that the name does not exist or has no address (EAI_NONAME,
  /// EAI_NODATA).
  case doesNotExist(times: Int)
  /// Not known at the moment: no nameserver answered, or not in time (EAI_AGAIN and every other error).
  case unavailable(reason: String)
  /// This process or machine had no descriptor or memory left for the lookup, so nothing is known about the name.
  case shortage(reason: String)
  /// Not a valid host name.
  case invalid(reason: String)
  /// The caller no longer waits.
  case cancelled
}

extension NameFailure: CustomStringConvertible {
  package var description: String {
    switch self {
    case .doesNotExist: "there is no such name, or it has no address"
    case .unavailable(let reason), .shortage(let reason), .invalid(let reason): reason
    case .cancelled: "the look-up was cancelled"
    }
  }
}
