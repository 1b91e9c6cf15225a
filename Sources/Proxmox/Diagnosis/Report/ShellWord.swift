/// A word for a POSIX shell, to be pasted by a person: `'pvescout@pve!agent'`.
enum ShellWord {
  /// Quotes a text only if the shell could interpret it, including `!`, which interactive shells expand.
  static func quote(_ text: String) -> String {
    let isSafe = !text.isEmpty && text.utf8.allSatisfy { isPlain($0) }
    return isSafe
      ? text : "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: "@"), UInt8(ascii: ","), UInt8(ascii: "="):
      true
    default: false
    }
  }
}
