/// The numeric addresses of a host name, the preferred one first, or why there are none.
package typealias NameAnswer = Result<[String], NameFailure>

/// Why a host name has no address.
package enum NameFailure: Error, Hashable, Sendable {
  /// The resolver says that the name does not exist, or has no address (EAI_NONAME, EAI_NODATA): this many times in a row.
  case doesNotExist(times: Int)
  /// Not known now: no nameserver answered, or not in time (EAI_AGAIN and every other error).
  case unavailable(reason: String)
  /// This process, or its machine, had no descriptor or memory left to ask with; it says nothing of the name.
  case shortage(reason: String)
  /// No host name at all.
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
