import Testing

@testable import HTTPMessages

@Suite struct OctetsTests {
  @Test func classifiesEveryByteAsTheGrammarDoes() {
    let token = Set("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
    for byte in UInt8.min...UInt8.max {
      #expect(byte.isTokenCharacter == token.contains(byte), "\(byte)")
      #expect(byte.isTargetCharacter == (33...126).contains(byte), "\(byte)")
      #expect(byte.isBlank == (byte == 32 || byte == 9), "\(byte)")
      #expect(byte.isDigit == (48...57).contains(byte), "\(byte)")
      let scalar = Character(UnicodeScalar(byte))
      #expect(byte.hexDigitValue.map(Int.init) == (scalar.isASCII ? scalar.hexDigitValue : nil), "\(byte)")
      #expect(byte.lowercased == ((65...90).contains(byte) ? byte + 32 : byte), "\(byte)")
    }
  }

  /// The search examines eight bytes at once: each byte must be found at each position, beside each neighbour.
  @Test func findsTheFirstControlCharacterAtEveryPlace() {
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<20_000 {
      let bytes = (0..<Int.random(in: 0...20, using: &generator)).map { _ in
        [UInt8.random(in: 0...255, using: &generator), 0x20, 0x1f, 0x7f, 0x7e, 0x80, 0xff, 0x61]
          .randomElement(using: &generator) ?? 0
      }
      let start = Int.random(in: 0...bytes.count, using: &generator)
      let expected = bytes[start...].firstIndex { $0 < 0x20 || $0 == 0x7f } ?? bytes.count
      #expect(bytes.span.firstControl(from: start) == expected, "\(bytes) from \(start)")
    }
  }

  /// Eight bytes at once here too: each byte at each place, among bytes that are passed over.
  @Test func findsTheFirstByteThatIsNeitherLetterNorDashAtEveryPlace() {
    var generator = SeededGenerator(seed: 11)
    let names = Array("abcxyzABCXYZ-".utf8)
    for byte in UInt8.min...UInt8.max {
      for place in 0..<20 {
        var bytes = (0..<20).map { _ in names.randomElement(using: &generator) ?? 0 }
        bytes[place] = byte
        let start = Int.random(in: 0...20, using: &generator)
        let isPassed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-".utf8).contains(byte)
        let expected = isPassed || place < start ? 20 : place
        #expect(bytes.span.firstOtherThanLetterOrDash(from: start) == expected, "\(bytes) from \(start)")
      }
    }
  }
}
