/// Keys as they come over the network: bytes in a buffer, one after the other.
struct KeyBytes: Sendable {
  private let bytes: [UInt8]
  /// Where each key begins, and where the last one ends.
  private let borders: [Int]

  init(_ keys: [String]) {
    var bytes: [UInt8] = []
    borders =
      [0]
      + keys.map { key in
        bytes += key.utf8
        return bytes.count
      }
    self.bytes = bytes
  }

  /// Calls `body` so many times, with one key after the other and again from the first.
  @inline(__always)
  func cycle(_ times: Int, _ body: (RawSpan) -> Void) {
    let (all, borders) = (bytes.span.bytes, borders.span)
    var key = 0
    for _ in 0..<times {
      body(all.extracting(unchecked: borders[key]..<borders[key + 1]))
      key += 1
      if key == borders.count - 1 { key = 0 }
    }
  }
}

/// How an alias is spelled: short ones fit into a `String` itself, long ones do not.
enum KeyForm: String, CaseIterable, Sendable {
  case short, long

  var note: String { "\(rawValue) keys" }

  func key(_ number: Int) -> String {
    let digits = String(number)
    let name = "app-" + String(repeating: "0", count: Swift.max(0, 6 - digits.utf8.count)) + digits
    return self == .short ? name : name + ".bench.local"
  }

  func keys(_ numbers: Range<Int>) -> [String] { numbers.map(key) }
}
