/// A key that a live view knows.
enum Key: Hashable, Sendable {
  case up, down, pageUp, pageDown, home, end
  case quit
  /// Ctrl-Z.
  case suspend
}

/// Reads keys from what a terminal sends (ECMA-48 and xterm), in pieces of any size. Other keys are ignored.
struct KeyParser {
  private static let escape: UInt8 = 0x1b
  /// No sequence of a known key is longer.
  private static let maxBytes = 8

  /// A control sequence that is not complete.
  private var sequence: [UInt8] = []

  mutating func feed(_ bytes: some Sequence<UInt8>) -> [Key] { bytes.compactMap { feed($0) } }

  private mutating func feed(_ byte: UInt8) -> Key? {
    switch sequence.count {
    case 1 where byte == UInt8(ascii: "[") || byte == UInt8(ascii: "O"), 2...:
      sequence.append(byte)
      // The final byte of a sequence.
      guard sequence.count > 2, (0x40...0x7e).contains(byte) || sequence.count >= Self.maxBytes else { return nil }
      defer { sequence = [] }
      return Self.key(ofSequence: String(decoding: sequence.dropFirst(2), as: UTF8.self))
    default:
      sequence = byte == Self.escape ? [byte] : []
      return Self.key(of: byte)
    }
  }

  private static func key(ofSequence text: String) -> Key? {
    switch text {
    case "A": .up
    case "B": .down
    case "5~": .pageUp
    case "6~": .pageDown
    case "H", "1~", "7~": .home
    case "F", "4~", "8~": .end
    default: nil
    }
  }

  /// The keys of less(1) and vi(1).
  private static func key(of byte: UInt8) -> Key? {
    switch Character(Unicode.Scalar(byte)) {
    case "k": .up
    case "j": .down
    case "b", "\u{02}": .pageUp
    case "f", " ", "\u{06}": .pageDown
    case "g": .home
    case "G": .end
    case "q", "Q": .quit
    case "\u{1a}": .suspend
    default: nil
    }
  }
}
