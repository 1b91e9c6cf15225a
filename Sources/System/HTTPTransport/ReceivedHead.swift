/// A response's status line and headers, built from libcurl's header lines.
struct ReceivedHead {
  /// More than any normal server sends; libcurl itself only limits a single line.
  static let maximumSize = 256 << 10

  private(set) var status = 0
  private(set) var reasonPhrase = ""
  private(set) var headers: [(name: String, value: String)] = []
  /// Whether the final response's headers are complete; later lines are trailers, which are dropped.
  private(set) var isComplete = false
  private var size = 0

  /// Adds one line with its line end. Returns false if the head is longer than ``maximumSize``.
  mutating func append(_ line: some BidirectionalCollection<UInt8>) -> Bool {
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

  /// Also called after an interim response (100, 103): the last status line is the valid one.
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
