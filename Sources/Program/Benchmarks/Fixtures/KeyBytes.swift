/// Keys as received from the network: bytes in one buffer.
struct KeyBytes: Sendable {
  private let bytes: [UInt8]
  /// The start of each key, and the end of the last one.
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

  /// Calls `body` that many times, with the keys in turn.
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

/// The length of aliases: short ones are stored in the `String` itself, long ones on the heap.
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
