/// A second, slow implementation of a request head's grammar; the parser must accept exactly the same inputs.
enum ReferenceGrammar {
  /// Whether bytes begin with a complete head that a strict proxy accepts.
  static func takes(_ bytes: [UInt8]) -> Bool {
    var text = bytes.map { Character(UnicodeScalar($0)) }
    if text.starts(with: ["\r", "\n"]) { text.removeFirst(2) }
    guard let end = text.indices.first(where: { text[$0...].starts(with: ["\r", "\n", "\r", "\n"]) }) else {
      return false
    }
    var lines: [[Character]] = [[]]
    for character in text[..<end] {
      if character == "\n", lines[lines.count - 1].last == "\r" {
        lines[lines.count - 1].removeLast()
        lines.append([])
      } else {
        lines[lines.count - 1].append(character)
      }
    }
    guard end + 4 <= 32 * 1024, lines.count <= 129, isStartLine(String(lines.removeFirst())) else { return false }
    if let target = text[..<end].split(separator: " ").dropFirst().first.map({ String($0) }), !target.hasPrefix("/"),
      target != "*",
      !isHost(authority(target))
    {
      return false
    }
    var fields: [(name: String, value: String)] = []
    for line in lines {
      guard let field = field(line) else { return false }
      fields.append(field)
    }
    return areFieldsSound(fields, isHTTP10: String(text[..<end]).firstLine.hasSuffix("1.0"))
  }

  private static func isStartLine(_ line: String) -> Bool {
    line.wholeMatch(of: /[!#$%&'*+.^_`|~0-9A-Za-z\-]+ \/[\x21-\x7e]* HTTP\/1\.[01]/) != nil
      && !line.hasPrefix("CONNECT ")
      || line.wholeMatch(of: /OPTIONS \* HTTP\/1\.[01]/) != nil
      || line.wholeMatch(of: /[!#$%&'*+.^_`|~0-9A-Za-z\-]+ [Hh][Tt][Tt][Pp][Ss]?:\/\/[\x21-\x7e]* HTTP\/1\.[01]/) != nil
        && !line.hasPrefix("CONNECT ")
  }

  private static func authority(_ target: String) -> String {
    String(target.dropFirst(target.lowercased().hasPrefix("https") ? 8 : 7).prefix { $0 != "/" && $0 != "?" })
  }

  private static func isHost(_ text: String) -> Bool {
    text.wholeMatch(of: /([A-Za-z0-9._\-]+|\[[0-9A-Fa-f:.]{2,}\])(:[0-9]{0,5})?/) != nil
  }

  private static func field(_ line: [Character]) -> (String, String)? {
    guard let colon = line.firstIndex(of: ":"), colon > 0 else { return nil }
    let name = String(line[..<colon])
    let value = line[(colon + 1)...]
    guard name.wholeMatch(of: /[!#$%&'*+.^_`|~0-9A-Za-z\-]+/) != nil else { return nil }
    guard value.allSatisfy({ $0 == "\t" || $0 >= " " && $0 != "\u{7f}" }) else { return nil }
    let blanks: Set<Character> = [" ", "\t"]
    let trimmed = value.drop { blanks.contains($0) }.reversed().drop { blanks.contains($0) }.reversed()
    return (name.lowercased(), String(trimmed))
  }

  private static func areFieldsSound(_ fields: [(name: String, value: String)], isHTTP10: Bool) -> Bool {
    func values(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }
    let (hosts, lengths, encodings) = (values("host"), values("content-length"), values("transfer-encoding"))
    guard hosts.count == 1, lengths.count + encodings.count <= 1 else { return false }
    guard isHost(hosts[0]) else { return false }
    guard lengths.allSatisfy({ $0.wholeMatch(of: /[0-9]{1,18}/) != nil }) else { return false }
    return encodings.allSatisfy { $0.lowercased() == "chunked" && !isHTTP10 }
  }
}

extension String {
  fileprivate var firstLine: String { String(prefix { $0 != "\r\n" && $0 != "\r" }) }
}
