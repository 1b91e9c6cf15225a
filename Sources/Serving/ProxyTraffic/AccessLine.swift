import PrintableText

/// A line of the access log while it is built: bytes, because formatting text would cost more than everything else.
struct AccessLine {
  private(set) var bytes: [UInt8] = []

  init(capacity: Int) { bytes.reserveCapacity(capacity) }

  /// Text that needs no escaping.
  mutating func add(_ text: StaticString) {
    bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// A number with at least that many digits.
  mutating func add(_ number: some FixedWidthInteger, digits: Int = 1) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { room in
      var (rest, start) = (UInt64(clamping: number.magnitude), room.count)
      while rest != 0 || room.count - start < digits {
        let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10)
        start -= 1
        room[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: remainder)
        rest = quotient
      }
      if number < 0 { bytes.append(UInt8(ascii: "-")) }
      bytes.append(contentsOf: UnsafeBufferPointer(rebasing: room[start...]))
    }
  }

  /// Text from outside: bytes for which `isPlain` is false are written by `escape`.
  @inline(__always)
  mutating func add(_ text: String, isPlain: (UInt8) -> Bool, escape: (inout [UInt8], UInt8) -> Void) {
    var text = text
    text.withUTF8 { utf8 in
      var start = 0
      for index in utf8.indices where !isPlain(utf8[index]) {
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start..<index]))
        escape(&bytes, utf8[index])
        start = index + 1
      }
      bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start...]))
    }
  }

  /// `06/Nov/1994`, as Apache writes it.
  mutating func add(calendarDayOf time: UTCTime) {
    add(time.day, digits: 2)
    let names: StaticString = "/Jan//Feb//Mar//Apr//May//Jun//Jul//Aug//Sep//Oct//Nov//Dec/"
    bytes.append(contentsOf: UnsafeBufferPointer(start: names.utf8Start + 5 * (time.month - 1), count: 5))
    add(time.year, digits: 4)
  }

  /// `08:49:37`
  mutating func add(clockOf time: UTCTime) {
    add(time.hour, digits: 2)
    bytes.append(UInt8(ascii: ":"))
    add(time.minute, digits: 2)
    bytes.append(UInt8(ascii: ":"))
    add(time.second, digits: 2)
  }

  static let hexDigits = Array("0123456789ABCDEF".utf8)
}
