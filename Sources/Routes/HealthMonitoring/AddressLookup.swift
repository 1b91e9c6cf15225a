import Dispatch
import Glibc
import RouteModel

/// Finds the address of a name, outside the concurrency pool: the system's resolver blocks for as long as it likes.
struct AddressLookup: Sendable {
  /// Nil where there is none, or none in time. An address is its own.
  func address(of host: String, timeout: Duration) async -> String? {
    if let literal = IPAddress(host) { return literal.description }
    let answer = FirstAnswer<String?>()
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        answer.awaited(by: continuation)
        DispatchQueue.global().async { answer.give(Self.resolve(host)) }
        DispatchQueue.global().asyncAfter(deadline: .now() + timeout.asInterval) { answer.give(nil) }
      }
    } onCancel: {
      answer.give(nil)
    }
  }

  private static func resolve(_ host: String) -> String? {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, nil, &hints, &found) == 0, let address = found?.pointee else { return nil }
    defer { freeaddrinfo(found) }
    var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let length = socklen_t(text.count)
    guard getnameinfo(address.ai_addr, address.ai_addrlen, &text, length, nil, 0, NI_NUMERICHOST) == 0 else {
      return nil
    }
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
