import Glibc

/// The name of this machine, as a part of a token's name.
enum MachineName {
  /// `agent-cellar`: every machine has a token of its own, which can be replaced without the others.
  static var token: String { token(ofHost: current) }

  /// A token's name takes ASCII letters, digits, `.`, `-` and `_` (PVE's `pve-tokenid`).
  static func token(ofHost host: String) -> String {
    let label = host.prefix { $0 != "." }.prefix(40)
    let name = label.map { $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) ? $0 : "-" }
    return name.isEmpty ? "agent" : "agent-" + String(name)
  }

  /// Why a text is no name for a token; nil if it is one.
  static func problem(withToken name: String) -> String? {
    let isName =
      (2...64).contains(name.utf8.count) && name.first?.isLetter == true
      && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || ".-_".contains($0)) }
    return isName ? nil : "wanted 2 to 64 letters, digits, '.', '-' and '_' that begin with a letter, found '\(name)'"
  }

  private static var current: String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return "" }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
