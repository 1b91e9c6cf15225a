/// A response's status line and headers, built from the lines that libcurl hands over.
struct ResponseHead {
  /// More than any honest server sends; libcurl itself bounds only the single line.
  static let maximumSize = 256 << 10

  private(set) var status = 0
  private(set) var reasonPhrase = ""
  private(set) var headers: [(name: String, value: String)] = []
  /// The final response's headers have all come; what follows are trailers, which are dropped.
  private(set) var isComplete = false
  private var size = 0

  /// Takes one line with its line end. False when the head is longer than ``maximumSize``.
  mutating func take(_ line: some BidirectionalCollection<UInt8>) -> Bool {
    size += line.count
    guard size <= Self.maximumSize else { return false }
    let text = line.trimmingSuffix { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }
    if text.starts(with: "HTTP/".utf8) {
      startResponse(String(decoding: text, as: UTF8.self))
    } else if text.isEmpty {
      isComplete = status >= 200
    } else if !isComplete {
      addHeader(text)
    }
    return true
  }

  /// Also after an interim response (100, 103): the last status line is the one that counts.
  private mutating func startResponse(_ line: String) {
    let words = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    status = words.count > 1 ? Int(words[1]) ?? 0 : 0
    reasonPhrase = words.count > 2 ? String(words[2]) : ""
    headers = []
    isComplete = false
  }

  private mutating func addHeader(_ line: some BidirectionalCollection<UInt8>) {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon != line.startIndex else { return }
    let value = line[line.index(after: colon)...].drop(while: isBlank).trimmingSuffix(while: isBlank)
    headers.append((String(decoding: line[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self)))
  }

  private func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}

extension BidirectionalCollection {
  fileprivate func trimmingSuffix(while predicate: (Element) -> Bool) -> SubSequence {
    var end = endIndex
    while end > startIndex, predicate(self[index(before: end)]) { end = index(before: end) }
    return self[..<end]
  }
}
